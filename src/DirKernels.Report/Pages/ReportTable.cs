namespace DirKernels.Report;

/// <summary>A table of a report; the first column names the row, the others hold numbers.</summary>
/// <param name="Caption">What it shows.</param>
/// <param name="Header">Names of the columns.</param>
/// <param name="Rows">Cells, as many as the header has; what follows a line end stands smaller below.</param>
public sealed record ReportTable(string Caption, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>Whether readers have to open it: long tables of detail.</summary>
    public bool IsFolded { get; init; }

    /// <summary>Whether the cells are texts, aligned to the left.</summary>
    public bool IsText { get; init; }
}
