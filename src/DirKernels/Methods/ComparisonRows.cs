using DirKernels.Resampling;

namespace DirKernels.Methods;

/// <summary>Rows of one part of a data set: inputs prepared alike, labels in original units.</summary>
/// <param name="Inputs">[N x inputs], row-major, standardised on the training part.</param>
/// <param name="Labels">[N].</param>
public sealed record ComparisonRows(float[] Inputs, double[] Labels)
{
    /// <summary>Input columns that together hold a category; resampling keeps them one-hot.</summary>
    public IReadOnlyList<ColumnGroup> OneHotGroups { get; init; } = [];
}
