using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

/// <summary>Asks for rows one after the other, each from its beginning to its end: as many lines for each row of a strip as begin in the strip.</summary>
internal unsafe struct LinearStripFetch : IStripFetch
{
    private readonly int _lines;
    private float** _rows;
    private float* _next;
    private int _left;

    /// <summary>Begins with the first of the rows.</summary>
    /// <param name="rows">Rows to come, and one more.</param>
    /// <param name="width">Columns.</param>
    public LinearStripFetch(float** rows, int width)
    {
        _lines = _left = (width + CacheLine.Floats - 1) / CacheLine.Floats;
        _rows = rows;
        _next = *rows;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next(int row, int column, int lines)
    {
        if (lines > 0)
        {
            CacheLine.FetchFar(_next);
            CacheLine.FetchFar(_next + (lines - 1) * CacheLine.Floats);
            _next += lines * CacheLine.Floats;
            _left -= lines;
            if (_left <= 0)
            {
                _next = *++_rows;
                _left = _lines;
            }
        }
    }
}
