using DirKernels.Metrics;

namespace DirKernels.Resampling;

/// <summary>What resampling may be told. Values are checked when they are used (<see cref="Resampler.Resample"/>).</summary>
public sealed record ResamplingOptions
{
    /// <summary>Relevance of labels; null derives it from the box plot of the training labels (<see cref="RelevanceFunction.FromBoxPlot"/>).</summary>
    public RelevanceFunction? Relevance { get; init; }

    /// <summary>Relevance from which a row is rare, in (0, 1]; 0.8 as in the papers' experiments, where packages default to 0.5. Not used by <see cref="ResamplingKind.Wercs"/>.</summary>
    public double Threshold { get; init; } = 0.8;

    /// <summary>Nearest neighbours that one is drawn from, at least 1; 5 as published.</summary>
    public int Neighbors { get; init; } = 5;

    /// <summary>Noise of <see cref="ResamplingKind.GaussianNoise"/> in standard deviations of the bump, not negative.</summary>
    public double Noise { get; init; } = 0.1;

    /// <summary>Largest noise of <see cref="ResamplingKind.Smogn"/> in standard deviations of the bump, not negative.</summary>
    public double SmognNoise { get; init; } = 0.02;

    /// <summary>Copies that <see cref="ResamplingKind.Wercs"/> adds, as a fraction of the rows, not negative.</summary>
    public double Added { get; init; } = 0.5;

    /// <summary>Rows that <see cref="ResamplingKind.Wercs"/> leaves out, as a fraction of the rows, in [0, 1].</summary>
    public double LeftOut { get; init; } = 0.5;

    internal void Check()
    {
        Require(Threshold is > 0 and <= 1, "threshold must be above 0 and at most 1", Threshold);
        Require(Neighbors >= 1, "number of neighbours must be at least 1", Neighbors);
        Require(Noise >= 0 && double.IsFinite(Noise), "noise must be finite and not negative", Noise);
        Require(SmognNoise >= 0 && double.IsFinite(SmognNoise), "noise of smogn must be finite and not negative", SmognNoise);
        Require(Added is >= 0 and <= 1000, "fraction of added rows must be 0..1000", Added);
        Require(LeftOut is >= 0 and <= 1, "fraction of rows left out must be 0..1", LeftOut);
    }

    private static void Require(bool holds, string rule, double value)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"resampling: the {rule}, but is {value}"));
        }
    }
}
