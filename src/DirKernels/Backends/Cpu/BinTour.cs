namespace DirKernels.Backends.Cpu;

/// <summary>The order in which a thread visits the rows of its bins: pieces of neighbouring rows, and in each piece bin after bin.</summary>
/// <remarks>
/// In the order of bins alone, each row of a large table is a page of memory of its own, opened for two kilobytes and closed again, and what the processor fetches beside it is lost. In a piece
/// of a few megabytes neighbours are visited soon, and a bin still has rows enough to be worth fetching its statistics. The pieces depend on the table alone, and so do the sums of a bin:
/// other threads, same bits.
/// </remarks>
internal unsafe struct BinTour
{
    private readonly int* _rows;
    private readonly int* _offsets;
    private readonly int* _bins;
    private readonly int _binCount;
    private readonly int _pieceRows;
    private readonly int* _cursors;
    private long _limit;
    private long _left;
    private int _place;

    /// <summary>A tour before its first visit.</summary>
    /// <param name="rows">Rows grouped by bin, ascending in each.</param>
    /// <param name="offsets">[B + 1] where bins begin.</param>
    /// <param name="bins">Bins to visit.</param>
    /// <param name="binCount">How many these are.</param>
    /// <param name="pieceRows">Rows of a piece, those of other bins included.</param>
    /// <param name="cursors">[<paramref name="binCount"/>] for the tour alone.</param>
    public BinTour(int* rows, int* offsets, int* bins, int binCount, int pieceRows, int* cursors)
    {
        _rows = rows;
        _offsets = offsets;
        _bins = bins;
        _binCount = binCount;
        _pieceRows = pieceRows;
        _cursors = cursors;
        _limit = pieceRows;
        _place = -1;
        for (int i = 0; i < binCount; i++)
        {
            cursors[i] = offsets[bins[i]];
            _left += offsets[bins[i] + 1] - cursors[i];
        }
    }

    /// <summary>Bin of the visit.</summary>
    public readonly int Bin => _bins[_place];

    /// <summary>[<see cref="Count"/>] rows of the visit.</summary>
    public int* Rows { get; private set; }

    /// <summary>Number of rows, at least one.</summary>
    public int Count { get; private set; }

    /// <summary>Goes on to the next visit; false when all rows have been visited.</summary>
    public bool MoveNext()
    {
        while (_left > 0)
        {
            if (++_place == _binCount)
            {
                _place = 0;
                _limit += _pieceRows;
            }

            // The last of all rows lies before such a limit.
            int from = _cursors[_place], end = _offsets[_bins[_place] + 1], to = _limit >= int.MaxValue ? end : from;
            while (to < end && _rows[to] < _limit)
            {
                to++;
            }

            if (to > from)
            {
                _cursors[_place] = to;
                _left -= to - from;
                Rows = _rows + from;
                Count = to - from;
                return true;
            }
        }

        return false;
    }
}
