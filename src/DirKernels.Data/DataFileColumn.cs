namespace DirKernels.Data;

/// <summary>One column of a data file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Missing">Missing values; of a text column the rows of <see cref="TextColumn.MissingCategory"/>.</param>
/// <param name="Categories">The different values of a text column; null for numbers.</param>
public sealed record DataFileColumn(string Name, long Missing, IReadOnlyList<string>? Categories)
{
    /// <summary>Whether the column holds text.</summary>
    public bool IsText => Categories is not null;
}
