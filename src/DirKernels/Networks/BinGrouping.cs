using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>Puts the rows of each batch of an epoch in the order of their bins, by counting; rows of a bin keep their order.</summary>
/// <param name="backend">Where the bins lie.</param>
/// <param name="capacity">Most rows of a window.</param>
/// <param name="batchRows">Rows of a batch but the last.</param>
/// <param name="binCount">B.</param>
internal sealed class BinGrouping(IBackend backend, int capacity, int batchRows, int binCount)
{
    private readonly HostMirror<int> _bins = new(backend, capacity);
    private readonly int[] _starts = new int[binCount + 1];
    private readonly int[] _batch = new int[batchRows];

    /// <summary>Sorts batch by batch.</summary>
    /// <param name="order">[n] places in a window, batch after batch.</param>
    /// <param name="bins">Bins of the places in the window.</param>
    public void Sort(Span<int> order, DeviceView<int> bins)
    {
        ReadOnlySpan<int> binOfPlace = _bins.Read(bins);
        for (int first = 0; first < order.Length; first += batchRows)
        {
            SortBatch(order.Slice(first, Math.Min(batchRows, order.Length - first)), binOfPlace);
        }
    }

    private void SortBatch(Span<int> places, ReadOnlySpan<int> binOfPlace)
    {
        Array.Clear(_starts);
        foreach (int place in places)
        {
            _starts[binOfPlace[place] + 1]++;
        }

        for (int bin = 0; bin < binCount; bin++)
        {
            _starts[bin + 1] += _starts[bin];
        }

        places.CopyTo(_batch);
        foreach (int place in _batch.AsSpan(0, places.Length))
        {
            places[_starts[binOfPlace[place]]++] = place;
        }
    }
}
