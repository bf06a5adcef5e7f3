namespace DirKernels.Cli;

/// <summary>A table of text with a title, columns as wide as their widest cell; the first column is left-aligned, the others right-aligned.</summary>
internal sealed class TextTable(string title, IReadOnlyList<string> header)
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>Adds a row with as many cells as the header has.</summary>
    public void Add(IReadOnlyList<string> cells) => _rows.Add(cells);

    /// <summary>Writes title, header and rows.</summary>
    public void Write(TextWriter writer)
    {
        int[] widths = [.. header.Select((name, column) => _rows.Select(row => row[column].Length).Append(name.Length).Max())];
        writer.WriteLine(title);
        foreach (IReadOnlyList<string> row in _rows.Prepend(header))
        {
            writer.WriteLine(string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))).TrimEnd());
        }
    }
}
