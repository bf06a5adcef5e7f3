using System.CommandLine;
using System.Globalization;

namespace DirKernels.Cli;

/// <summary>The options about bins and label smoothing that commands share.</summary>
internal sealed class LabelSmoothingOptions
{
    private const string None = "none";

    private readonly Option<string> _bins = new("--bins")
    {
        Description = "Label bins: lower edge, width and count, or auto (Freedman-Diaconis).",
        HelpName = "lo,width,count|auto",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string> _kernel = new("--kernel")
    {
        Description = "Smoothing window over the bins.",
        HelpName = "gaussian|laplace|triangular|truncated-gaussian|none",
        DefaultValueFactory = _ => "gaussian",
    };

    private readonly Option<int> _size = new("--size") { Description = "Taps of the smoothing window, odd.", DefaultValueFactory = _ => 5 };

    private readonly Option<double> _sigma = new("--sigma") { Description = "Width of the smoothing window, in bins.", DefaultValueFactory = _ => 2 };

    private readonly Option<string> _reweight = new("--reweight")
    {
        Description = "Weights inverse to this power of the label density.",
        HelpName = "sqrt-inverse|inverse|power:P|none",
        DefaultValueFactory = _ => "sqrt-inverse",
    };

    private readonly Option<string?> _clip = new("--clip")
    {
        Description = "Bounds of the count of a bin before the power; by default 5,1000 for inverse, otherwise none.",
        HelpName = "lo,hi|none",
    };

    private readonly Option<string> _boundary = new("--boundary")
    {
        Description = "What smoothing reads beyond the end bins.",
        HelpName = "zero|symmetric",
        DefaultValueFactory = _ => "zero",
    };

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_bins, _kernel, _size, _sigma, _reweight, _clip, _boundary];

    /// <summary>Makes the options part of a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>What the user chose.</summary>
    /// <exception cref="ArgumentException">A value is malformed or out of its range.</exception>
    public LabelSmoothingSettings Read(ParseResult parsed)
    {
        LabelBins? bins = Bins(parsed.GetValue(_bins)!);
        SmoothingKernel? kernel = Kernel(parsed.GetValue(_kernel)!, parsed.GetValue(_size), parsed.GetValue(_sigma));
        Reweighting reweighting = Reweight(parsed.GetValue(_reweight)!);
        (double Lower, double Upper)? clip = Clip(parsed.GetValue(_clip));
        if (clip is { } bounds)
        {
            reweighting = OptionRange.Make("--clip", () => reweighting.WithClip(bounds.Lower, bounds.Upper));
        }

        return new LabelSmoothingSettings(bins, kernel, reweighting, clip, BoundaryOf(parsed.GetValue(_boundary)!));
    }

    /// <summary>The bins that a value of --bins means; null for auto.</summary>
    /// <exception cref="ArgumentException">Malformed.</exception>
    public static LabelBins? Bins(string text)
    {
        if (text == "auto")
        {
            return null;
        }

        double[] numbers = NumberList.Parse(text, "--bins", "lower", "width", "count");
        return numbers[2] == Math.Floor(numbers[2]) && numbers[2] is >= 1 and <= LabelBins.MaximumCount
            ? OptionRange.Make("--bins", () => LabelBins.Uniform(numbers[0], numbers[1], (int)numbers[2]))
            : throw new ArgumentException($"--bins: the count must be a whole number 1..{LabelBins.MaximumCount}, but is {numbers[2]}");
    }

    private static SmoothingKernel? Kernel(string name, int size, double sigma)
    {
        SmoothingKernelShape? shape = name switch
        {
            "gaussian" => SmoothingKernelShape.Gaussian,
            "laplace" => SmoothingKernelShape.Laplace,
            "triangular" => SmoothingKernelShape.Triangular,
            "truncated-gaussian" => SmoothingKernelShape.TruncatedGaussian,
            None => null,
            _ => throw new ArgumentException($"--kernel: '{name}' is none of gaussian, laplace, triangular, truncated-gaussian, none"),
        };

        // Also where nothing reads it: a value that cannot be meant is a mistake worth telling.
        if (!(sigma > 0))
        {
            throw new ArgumentException($"--sigma: must be positive, but is {sigma}");
        }

        return shape is { } chosen ? OptionRange.Make("--size", () => SmoothingKernel.Create(chosen, size, sigma)) : null;
    }

    private static Reweighting Reweight(string text)
    {
        const string PowerPrefix = "power:";
        if (text.StartsWith(PowerPrefix, StringComparison.Ordinal)
            && double.TryParse(text.AsSpan(PowerPrefix.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out double power))
        {
            return OptionRange.Make("--reweight", () => Reweighting.Power(power));
        }

        return text switch
        {
            "sqrt-inverse" => Reweighting.SqrtInverse,
            "inverse" => Reweighting.Inverse,
            None => Reweighting.None,
            _ => throw new ArgumentException($"--reweight: '{text}' is none of sqrt-inverse, inverse, power:P, none"),
        };
    }

    private static (double Lower, double Upper)? Clip(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (text == None)
        {
            return (0, double.PositiveInfinity);
        }

        double[] bounds = NumberList.Parse(text, "--clip", "lower", "upper");
        return (bounds[0], bounds[1]);
    }

    private static Boundary BoundaryOf(string name) => name switch
    {
        "zero" => Boundary.Zero,
        "symmetric" => Boundary.Symmetric,
        _ => throw new ArgumentException($"--boundary: '{name}' is none of zero, symmetric"),
    };
}
