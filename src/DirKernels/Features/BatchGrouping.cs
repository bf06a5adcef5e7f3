using DirKernels.Backends;

namespace DirKernels.Features;

/// <summary>The rows of the last batch grouped by bin, in memory that grows to the largest batch and is then reused.</summary>
internal sealed class BatchGrouping(IBackend backend, int binCount) : IDisposable
{
    private readonly DeviceBuffer<int> _offsets = backend.Allocate<int>(binCount + 1);
    private DeviceBuffer<int> _rows = backend.Allocate<int>(0);
    private DeviceView<int> _grouped;

    /// <summary>[B + 1] where the rows of each bin start, valid after <see cref="Group"/>.</summary>
    public DeviceView<int> Offsets => _offsets;

    /// <summary>Groups a batch.</summary>
    /// <param name="bins">[n].</param>
    /// <returns>[n] row numbers, bin after bin.</returns>
    public DeviceView<int> Group(DeviceView<int> bins)
    {
        if (_rows.Length < bins.Length)
        {
            _rows.Dispose();
            _rows = backend.Allocate<int>(bins.Length);
        }

        DeviceView<int> rows = _rows.Slice(0, bins.Length);
        backend.GroupByBin(bins, rows, _offsets);
        _grouped = bins;
        return rows;
    }

    /// <summary>
    /// An order of the batch's rows when it was grouped just now, absent for another one. Should its bins have changed since, this is still an order of its
    /// rows.
    /// </summary>
    public DeviceView<int> OrderOf(DeviceView<int> bins) =>
        ReferenceEquals(bins.Buffer, _grouped.Buffer) && bins.Offset == _grouped.Offset && bins.Length == _grouped.Length && !bins.IsAbsent
            ? _rows.Slice(0, bins.Length)
            : default;

    public void Dispose()
    {
        _offsets.Dispose();
        _rows.Dispose();
    }
}
