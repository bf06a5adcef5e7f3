namespace DirKernels.Data;

/// <summary>The lines that the rows of a text table start on; stored only when they do not simply follow the header.</summary>
internal sealed class RowNumbers
{
    /// <summary>Line of the first row below a one-line header.</summary>
    public const int First = 2;

    private List<long>? _lines;
    private int _count;

    public void Add(long line)
    {
        if (_lines is null && line != _count + First)
        {
            _lines = [.. Enumerable.Range(First, _count).Select(number => (long)number)];
        }

        _lines?.Add(line);
        _count++;
    }

    /// <summary>The line of every row, or null when row i is on line i + <see cref="First"/>.</summary>
    public long[]? ToArray() => _lines?.ToArray();
}
