namespace DirKernels.Networks;

/// <summary>An order of rows in which every stretch has its share of each label bin.</summary>
/// <remarks>
/// The rows of a bin are shuffled; the r-th of n gets the key (r + u)/n, u uniform in [0, 1) and one for each bin, and rows go by their keys: of a stretch of keys
/// of length f it holds f n rows of a bin, to within one. The loss of a batch then varies less, since its labels do.
/// </remarks>
internal sealed class StratifiedOrder
{
    private readonly int[] _grouped;
    private readonly int[] _offsets;
    private readonly double[] _keys;

    /// <summary>Groups rows by bin.</summary>
    /// <param name="bins">[N] bins of the rows.</param>
    /// <param name="binCount">B.</param>
    public StratifiedOrder(ReadOnlySpan<int> bins, int binCount)
    {
        _offsets = new int[binCount + 1];
        _grouped = new int[bins.Length];
        _keys = new double[bins.Length];
        foreach (int bin in bins)
        {
            _offsets[bin + 1]++;
        }

        for (int b = 0; b < binCount; b++)
        {
            _offsets[b + 1] += _offsets[b];
        }

        int[] next = [.. _offsets];
        for (int i = 0; i < bins.Length; i++)
        {
            _grouped[next[bins[i]]++] = i;
        }
    }

    /// <summary>Fills an order.</summary>
    /// <param name="stream">Key of the random numbers.</param>
    /// <param name="order">[N] receives the rows.</param>
    public void Fill(ulong stream, Span<int> order)
    {
        _grouped.CopyTo(order);
        for (int b = 0; b + 1 < _offsets.Length; b++)
        {
            int start = _offsets[b], count = _offsets[b + 1] - start;
            ulong own = CounterRandom.Stream(stream, (ulong)b);
            CounterRandom.Shuffle(own, order.Slice(start, count));

            // Shuffling takes the numbers 1 to count - 1 of the stream.
            double shift = CounterRandom.Uniform(own, 0);
            for (int r = 0; r < count; r++)
            {
                _keys[start + r] = (r + shift) / count;
            }
        }

        _keys.AsSpan().Sort(order);
    }
}
