namespace DirKernels.Data;

/// <summary>The lines that the rows of a text table start on; stored only when they do not simply follow each other.</summary>
/// <param name="first">Line of the first row if nothing is in between.</param>
internal sealed class RowNumbers(int first)
{
    /// <summary>Line of the first row below a one-line header.</summary>
    public const int First = 2;

    private List<long>? _lines;
    private int _count;

    public void Add(long line)
    {
        if (_lines is null && line != (long)_count + first)
        {
            _lines = [.. Enumerable.Range(0, _count).Select(row => (long)first + row)];
        }

        _lines?.Add(line);
        _count++;
    }

    /// <summary>The line of every row, or null when row i is on the line i after the first.</summary>
    public long[]? ToArray() => _lines?.ToArray();
}
