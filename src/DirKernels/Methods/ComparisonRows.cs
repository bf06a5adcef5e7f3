using DirKernels.Networks;
using DirKernels.Resampling;

namespace DirKernels.Methods;

/// <summary>Rows of one part of a data set: inputs prepared alike, labels in original units.</summary>
/// <param name="Inputs">[N x inputs], row-major, standardised on the training part; empty when they are read in blocks.</param>
/// <param name="Labels">[N].</param>
public sealed record ComparisonRows(float[] Inputs, double[] Labels)
{
    /// <summary>Rows whose inputs are read in blocks.</summary>
    /// <param name="blocks">The inputs.</param>
    /// <param name="labels">[N].</param>
    public ComparisonRows(IRowBlocks blocks, double[] labels)
        : this([], labels) => Blocks = blocks;

    /// <summary>Where inputs are read from; null when they are in memory.</summary>
    public IRowBlocks? Blocks { get; }

    /// <summary>Columns of the inputs.</summary>
    public int Columns => Blocks?.Columns ?? Inputs.Length / Labels.Length;

    /// <summary>Input columns that together hold a category; resampling keeps them one-hot.</summary>
    public IReadOnlyList<ColumnGroup> OneHotGroups { get; init; } = [];

    /// <summary>The rows for training, validation or prediction.</summary>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    /// <exception cref="InvalidDataException">There are no rows, or a label or an input is not finite.</exception>
    public TrainingSet ToSet() => Blocks is null ? new TrainingSet(Inputs, Labels) : new TrainingSet(Blocks, Labels);
}
