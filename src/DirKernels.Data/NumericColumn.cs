namespace DirKernels.Data;

/// <summary>A column of numbers: N values, finite, or NaN where a value is missing and missing values were allowed.</summary>
/// <param name="name">Name of the column.</param>
/// <param name="values">N values; kept, not copied.</param>
public sealed class NumericColumn(string name, double[] values) : TableColumn(name)
{
    /// <summary>The N values; NaN is missing.</summary>
    public double[] Values { get; } = values;

    /// <inheritdoc/>
    public override int RowCount => Values.Length;
}
