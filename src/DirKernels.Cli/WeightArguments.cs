using System.CommandLine;
using DirKernels.Labels;

namespace DirKernels.Cli;

/// <summary>The options about sample weights of any kind that training commands share.</summary>
internal sealed class WeightArguments
{
    private readonly Option<double> _denseAlpha = new("--dense-alpha") { Description = "Strength of denseweight.", DefaultValueFactory = _ => 1 };

    private readonly Option<double?> _largest = new("--max-weight")
    {
        Description = "Largest weight of a row, at least 1: all are scaled so that the mean stays 1.",
    };

    private readonly Option<string?> _range = new("--weight-range")
    {
        Description = "Smallest and largest weight of a row, around the mean of 1.",
        HelpName = "lo,hi",
    };

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_denseAlpha, .. Ranges];

    /// <summary>Those about the range of weights.</summary>
    public IReadOnlyList<Option> Ranges => [_largest, _range];

    /// <summary>alpha of denseweight.</summary>
    /// <exception cref="ArgumentException">Negative or not finite.</exception>
    public double DenseWeightAlpha(ParseResult parsed)
    {
        double alpha = parsed.GetValue(_denseAlpha);
        OptionRange.Require(alpha >= 0 && double.IsFinite(alpha), _denseAlpha.Name, "must not be negative", alpha);
        return alpha;
    }

    /// <summary>The range of weights; null when the user named none.</summary>
    /// <exception cref="ArgumentException">It does not hold 1, or both options are given.</exception>
    public WeightRange? Range(ParseResult parsed)
    {
        double? largest = parsed.GetValue(_largest);
        string? range = parsed.GetValue(_range);
        if (largest is not null && range is not null)
        {
            throw new ArgumentException($"{_largest.Name}: contradicts {_range.Name}, which names the largest weight as well");
        }

        if (range is not null)
        {
            double[] bounds = NumberList.Parse(range, _range.Name, "lower", "upper");
            return OptionRange.Make(_range.Name, () => new WeightRange(bounds[0], bounds[1]));
        }

        return largest is { } upper ? OptionRange.Make(_largest.Name, () => new WeightRange(0, upper)) : null;
    }
}
