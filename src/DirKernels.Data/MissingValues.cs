namespace DirKernels.Data;

/// <summary>What a missing value in a table means. Missing in text files: an empty field, <c>NA</c>, <c>N/A</c>, <c>null</c> or <c>?</c> (any case); in arrays: NaN.</summary>
public enum MissingValues
{
    /// <summary>An error that names the row and the column.</summary>
    Error,

    /// <summary>In a numeric column the median of the training rows; in a text column a category of its own, <see cref="TextColumn.MissingCategory"/>.</summary>
    Median,
}
