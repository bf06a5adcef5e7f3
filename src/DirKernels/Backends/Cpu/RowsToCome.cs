namespace DirKernels.Backends.Cpu;

/// <summary>The rows of a <see cref="BinTour"/> some at a time, for whoever asks memory for them before they are visited.</summary>
/// <param name="tour">A tour of its own, before its first visit.</param>
internal unsafe struct RowsToCome(BinTour tour)
{
    private BinTour _tour = tour;
    private int* _next;
    private int* _end;
    private int _last;

    /// <summary>The next rows; the last one again where there are no more.</summary>
    /// <param name="rows">[count] where they are written.</param>
    /// <param name="count">How many.</param>
    public void Read(int* rows, int count)
    {
        while (count > 0)
        {
            if (_next == _end)
            {
                if (!_tour.MoveNext())
                {
                    new Span<int>(rows, count).Fill(_last);
                    return;
                }

                _next = _tour.Rows;
                _end = _next + _tour.Count;
            }

            int read = (int)Math.Min(count, _end - _next);
            new ReadOnlySpan<int>(_next, read).CopyTo(new Span<int>(rows, read));
            _next += read;
            _last = _next[-1];
            rows += read;
            count -= read;
        }
    }
}
