using System.CommandLine;
using DirKernels.Resampling;

namespace DirKernels.Cli;

/// <summary>The options about resampling of training rows that training commands share.</summary>
internal sealed class ResamplingArguments
{
    private static readonly ResamplingOptions _defaults = new();

    private readonly Option<double> _threshold = new("--relevance-threshold")
    {
        Description = "Relevance from which ro, ru, gn, smoter and smogn take a row for rare.",
        DefaultValueFactory = _ => _defaults.Threshold,
    };

    private readonly Option<int> _neighbors = new("--neighbors")
    {
        Description = "Nearest neighbours that smoter and smogn draw one from.",
        DefaultValueFactory = _ => _defaults.Neighbors,
    };

    private readonly Option<double> _noise = new("--noise")
    {
        Description = "Noise of gn, in standard deviations of the rare rows.",
        DefaultValueFactory = _ => _defaults.Noise,
    };

    private readonly Option<double> _smognNoise = new("--smogn-noise")
    {
        Description = "Largest noise of smogn, in standard deviations of the rare rows.",
        DefaultValueFactory = _ => _defaults.SmognNoise,
    };

    private readonly Option<double> _added = new("--wercs-added")
    {
        Description = "Copies that wercs adds, as a share of the rows.",
        DefaultValueFactory = _ => _defaults.Added,
    };

    private readonly Option<double> _leftOut = new("--wercs-left-out")
    {
        Description = "Rows that wercs leaves out, as a share of the rows.",
        DefaultValueFactory = _ => _defaults.LeftOut,
    };

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_threshold, _neighbors, _noise, _smognNoise, _added, _leftOut];

    /// <summary>What the user chose.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the message names the option.</exception>
    public ResamplingOptions Read(ParseResult parsed)
    {
        var options = new ResamplingOptions
        {
            Threshold = parsed.GetValue(_threshold),
            Neighbors = parsed.GetValue(_neighbors),
            Noise = parsed.GetValue(_noise),
            SmognNoise = parsed.GetValue(_smognNoise),
            Added = parsed.GetValue(_added),
            LeftOut = parsed.GetValue(_leftOut),
        };
        OptionRange.Require(options.Threshold is > 0 and <= 1, _threshold.Name, "must be above 0 and at most 1", options.Threshold);
        OptionRange.Require(options.Neighbors is >= 1 and <= 10_000, _neighbors.Name, "must be 1..10000", options.Neighbors);
        OptionRange.Require(options.Noise >= 0 && double.IsFinite(options.Noise), _noise.Name, "must not be negative", options.Noise);
        OptionRange.Require(options.SmognNoise >= 0 && double.IsFinite(options.SmognNoise), _smognNoise.Name, "must not be negative", options.SmognNoise);
        OptionRange.Require(options.Added is >= 0 and <= 1000, _added.Name, "must be 0..1000", options.Added);
        OptionRange.Require(options.LeftOut is >= 0 and <= 1, _leftOut.Name, "must be 0..1", options.LeftOut);
        return options;
    }
}
