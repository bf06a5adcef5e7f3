using DirKernels.Backends;

namespace DirKernels.Features;

/// <summary>Features of several small batches, kept until there are enough of them to be merged into their bins together.</summary>
internal sealed class StagedRows : IDisposable
{
    private const int FewestRows = 2048;
    private const int MostRows = 16384;

    /// <summary>Elements of features that are kept: few enough to stay in the last-level cache.</summary>
    private const int FeatureBudget = 1024 * 1024;

    private readonly IBackend _backend;
    private readonly int _width;
    private readonly DeviceBuffer<float> _features;
    private readonly DeviceBuffer<int> _bins;
    private readonly DeviceBuffer<int> _order;
    private readonly DeviceBuffer<int> _offsets;

    /// <summary>Allocates room for D dimensions and B bins.</summary>
    public StagedRows(IBackend backend, int dimensions, int binCount)
    {
        _backend = backend;
        _width = dimensions;
        int capacity = CapacityFor(dimensions);
        _features = backend.Allocate<float>((long)capacity * dimensions);
        _bins = backend.Allocate<int>(capacity);
        _order = backend.Allocate<int>(capacity);
        _offsets = backend.Allocate<int>(binCount + 1);
    }

    /// <summary>Rows that there is room for.</summary>
    public int Capacity => (int)_bins.Length;

    /// <summary>Rows that are kept.</summary>
    public int Count { get; private set; }

    /// <summary>[count x D].</summary>
    public DeviceView<float> Features => _features.Slice(0, (long)Count * _width);

    /// <summary>[B + 1] offsets of the bins, valid after <see cref="Group"/>.</summary>
    public DeviceView<int> Offsets => _offsets;

    /// <summary>Rows of D dimensions that there would be room for.</summary>
    public static int CapacityFor(int dimensions) => Math.Clamp(FeatureBudget / dimensions, FewestRows, MostRows);

    /// <summary>Whether there is room for a batch.</summary>
    public bool Fits(long rows) => Count + rows <= Capacity;

    /// <summary>Room for a batch that fits, to be filled and then kept with <see cref="Keep"/>.</summary>
    public (DeviceView<float> Features, DeviceView<int> Bins) Next(int rows) =>
        (_features.Slice((long)Count * _width, (long)rows * _width), _bins.Slice(Count, rows));

    /// <summary>Keeps the rows that were written to <see cref="Next"/>.</summary>
    public void Keep(int rows) => Count += rows;

    /// <summary>The kept rows grouped by bin.</summary>
    public DeviceView<int> Group()
    {
        DeviceView<int> order = _order.Slice(0, Count);
        _backend.GroupByBin(_bins.Slice(0, Count), order, _offsets);
        return order;
    }

    /// <summary>Forgets the rows.</summary>
    public void Clear() => Count = 0;

    public void Dispose()
    {
        _features.Dispose();
        _bins.Dispose();
        _order.Dispose();
        _offsets.Dispose();
    }
}
