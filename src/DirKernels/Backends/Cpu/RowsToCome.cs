namespace DirKernels.Backends.Cpu;

/// <summary>The rows of a <see cref="BinTour"/> one by one, for whoever asks memory for them before they are visited.</summary>
/// <param name="tour">A tour of its own, before its first visit.</param>
internal unsafe struct RowsToCome(BinTour tour)
{
    private BinTour _tour = tour;
    private int* _next;
    private int* _end;
    private int _last;

    /// <summary>The next row; the last one again when there are no more.</summary>
    public int Next()
    {
        if (_next == _end)
        {
            if (!_tour.MoveNext())
            {
                return _last;
            }

            _next = _tour.Rows;
            _end = _next + _tour.Count;
        }

        return _last = *_next++;
    }
}
