using DirKernels.Data;
using DirKernels.Labels;
using DirKernels.Methods;

namespace DirKernels.Cli;

/// <summary>The parts of a table that a network is trained on, in memory or in a file.</summary>
internal sealed record TrainingParts
{
    /// <summary>The label column.</summary>
    public required string Target { get; init; }

    /// <summary>The split column; null when the split was computed.</summary>
    public required string? SplitColumn { get; init; }

    /// <summary>How columns become inputs.</summary>
    public required FeatureEncoder Encoder { get; init; }

    /// <summary>Label bins.</summary>
    public required LabelBins Bins { get; init; }

    /// <summary>Rows that are trained on.</summary>
    public required ComparisonRows Train { get; init; }

    /// <summary>Rows that choose the best epoch.</summary>
    public required ComparisonRows Validation { get; init; }

    /// <summary>Rows that the model is judged by; null when there are none.</summary>
    public required ComparisonRows? Test { get; init; }

    /// <summary>Sixteen hexadecimal digits that differ when the data do.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Blocks of rows that are in memory together; null when all rows are there.</summary>
    public int? BlocksPerWindow { get; init; }

    /// <summary>[B] number of training rows in each bin.</summary>
    public double[] TrainCounts
    {
        get
        {
            var counts = new double[Bins.Count];
            LabelDistributionSmoothing.Count(Train.Labels, Bins, counts);
            return counts;
        }
    }

    /// <summary>Rows in words.</summary>
    public string RowsText => $"{Train.Labels.Length} training, {Validation.Labels.Length} validation, {Test?.Labels.Length ?? 0} test";

    /// <summary>The settings with what the parts say about them.</summary>
    public MethodSettings Apply(MethodSettings settings) =>
        BlocksPerWindow is { } blocks ? settings with { Training = settings.Training with { BlocksPerWindow = blocks } } : settings;
}
