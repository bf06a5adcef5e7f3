using System.CommandLine;
using System.Globalization;
using DirKernels.Features;

namespace DirKernels.Cli;

/// <summary>The options about feature distribution smoothing that training commands share.</summary>
internal sealed class FeatureSmoothingArguments
{
    private readonly Option<string> _covariance = new("--covariance")
    {
        Description = "Feature covariances of feature smoothing.",
        HelpName = "diagonal|full|block:G",
        DefaultValueFactory = _ => "diagonal",
    };

    private readonly Option<string> _kernel = new("--fds-kernel")
    {
        Description = "Window of feature smoothing.",
        HelpName = "gaussian|laplace|triangular|truncated-gaussian",
        DefaultValueFactory = _ => "gaussian",
    };

    private readonly Option<int> _size = new("--fds-size") { Description = "Its taps, odd.", DefaultValueFactory = _ => 5 };

    private readonly Option<double> _sigma = new("--fds-sigma") { Description = "Its width, in bins.", DefaultValueFactory = _ => 2 };

    private readonly Option<string> _momentum = new("--fds-momentum")
    {
        Description = "Weight of the old statistics; none for the cumulative average.",
        HelpName = "M|none",
        DefaultValueFactory = _ => "0.9",
    };

    private readonly Option<double> _strength = new("--fds-strength")
    {
        Description = "Share of the way that features are moved, above 0 and at most 1.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<string> _parts = new("--fds-parts")
    {
        Description = "Move mean and covariance, or the mean only.",
        HelpName = "both|mean",
        DefaultValueFactory = _ => "both",
    };

    private readonly Option<string> _mass = new("--fds-mass")
    {
        Description = "Bins weigh the same in the smoothing, or by their samples.",
        HelpName = "uniform|count",
        DefaultValueFactory = _ => "uniform",
    };

    private readonly Option<string> _clip = new("--fds-clip")
    {
        Description = "Bounds of the ratio of variances of the diagonal map.",
        HelpName = "lo,hi",
        DefaultValueFactory = _ => "0.1,10",
    };

    private readonly Option<string> _shrinkage = new("--fds-shrinkage")
    {
        Description = "Shrinkage of full and block covariances towards their diagonal: estimated for each bin, or 0..1.",
        HelpName = "estimated|S",
        DefaultValueFactory = _ => "estimated",
    };

    private readonly Option<int> _start = new("--fds-start")
    {
        Description = "First epoch, counted from 0, whose features are moved.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<string> _emptyBins = new("--empty-bins")
    {
        Description = "Bins without samples in feature smoothing.",
        HelpName = "exclude|fill|keep",
        DefaultValueFactory = _ => "exclude",
    };

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_covariance, _kernel, _size, _sigma, _momentum, _strength, _parts, _mass, _clip, _shrinkage, _start, _emptyBins];

    /// <summary>What the user chose.</summary>
    /// <exception cref="ArgumentException">A value is malformed, out of its range, or contradicts another.</exception>
    public FeatureSmoothingOptions Read(ParseResult parsed)
    {
        double sigma = parsed.GetValue(_sigma), strength = parsed.GetValue(_strength);
        int start = parsed.GetValue(_start);
        OptionRange.Require(sigma > 0, "--fds-sigma", "must be positive", sigma);
        OptionRange.Require(strength is > 0 and <= 1, "--fds-strength", "must be above 0 and at most 1", strength);
        OptionRange.Require(start >= 1, "--fds-start", "must be at least 1, since statistics need a full epoch", start);
        (float lower, float upper) = Clip(parsed.GetValue(_clip)!);
        var options = new FeatureSmoothingOptions
        {
            Covariance = OptionRange.Make("--covariance", () => CovarianceKind.Parse(parsed.GetValue(_covariance)!)),
            Kernel = OptionRange.Make("--fds-size", () => SmoothingKernel.Create(Shape(parsed.GetValue(_kernel)!), parsed.GetValue(_size), sigma)),
            Momentum = Momentum(parsed.GetValue(_momentum)!),
            Strength = (float)strength,
            Parts = NamedChoice.Of("--fds-parts", parsed.GetValue(_parts)!, ("both", CalibrationParts.Both), ("mean", CalibrationParts.Mean)),
            Mass = NamedChoice.Of("--fds-mass", parsed.GetValue(_mass)!, ("uniform", BinMass.Uniform), ("count", BinMass.Count)),
            ClipLower = lower,
            ClipUpper = upper,
            Shrinkage = ShrinkageOf(parsed.GetValue(_shrinkage)!),
            FirstCalibratedEpoch = start,
            EmptyBins = NamedChoice.Of(
                "--empty-bins", parsed.GetValue(_emptyBins)!, ("exclude", EmptyBins.Exclude), ("fill", EmptyBins.Fill), ("keep", EmptyBins.Keep)),
        };
        return options.Mass != BinMass.Count || options.EmptyBins == EmptyBins.Exclude
            ? options
            : throw new ArgumentException($"--fds-mass: count needs --empty-bins exclude, but that is {parsed.GetValue(_emptyBins)}");
    }

    private static SmoothingKernelShape Shape(string name) => NamedChoice.Of(
        "--fds-kernel",
        name,
        ("gaussian", SmoothingKernelShape.Gaussian),
        ("laplace", SmoothingKernelShape.Laplace),
        ("triangular", SmoothingKernelShape.Triangular),
        ("truncated-gaussian", SmoothingKernelShape.TruncatedGaussian));

    private static double? Momentum(string text)
    {
        if (text == "none")
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double momentum) && momentum is >= 0 and < 1
            ? momentum
            : throw new ArgumentException($"--fds-momentum: must be none or a number of at least 0 and below 1, but is '{text}'");
    }

    private static (float Lower, float Upper) Clip(string text)
    {
        double[] bounds = NumberList.Parse(text, "--fds-clip", "lower", "upper");
        float lower = (float)bounds[0], upper = (float)bounds[1];
        return lower > 0 && upper >= lower && float.IsFinite(upper)
            ? (lower, upper)
            : throw new ArgumentException($"--fds-clip: must be 0 < lower <= upper, but is {text}");
    }

    private static Shrinkage ShrinkageOf(string text)
    {
        if (text == "estimated")
        {
            return Shrinkage.Estimated;
        }

        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float share) && share is >= 0 and <= 1
            ? Shrinkage.Fixed(share)
            : throw new ArgumentException($"--fds-shrinkage: must be estimated or a number 0..1, but is '{text}'");
    }
}
