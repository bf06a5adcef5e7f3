using DirKernels.Backends;

namespace DirKernels.Features;

/// <summary>Counts, means and scatters of all bins where they lie, with the small batches that still wait to be merged into them.</summary>
internal sealed class MomentsOnBackend : IDisposable
{
    private readonly IBackend _backend;
    private readonly DeviceBuffer<long> _counts;
    private readonly DeviceBuffer<double> _means;
    private readonly DeviceBuffer<double> _scatters;
    private readonly BatchGrouping _grouping;
    private readonly int[] _offsets;
    private StagedRows? _staging;

    // The rows that wait, bin after bin.
    private DeviceView<int> _waiting;

    /// <summary>Reserves memory for moments without samples.</summary>
    public MomentsOnBackend(IBackend backend, BinShape shape)
    {
        _backend = backend;
        Shape = shape;
        _counts = backend.Allocate<long>(shape.Bins);
        _means = backend.Allocate<double>((long)shape.Bins * shape.Dimensions);
        _scatters = backend.Allocate<double>((long)shape.Bins * shape.CovarianceWidth);
        _grouping = new BatchGrouping(backend, shape.Bins);
        _offsets = new int[shape.Bins + 1];
    }

    /// <summary>B, D, g.</summary>
    public BinShape Shape { get; }

    private bool HasWaiting => _staging is { Count: > 0 };

    /// <summary>Rows that <see cref="TryReserve"/> has room for at once, when it is asked for at least so many; 0 where there are too many to be kept.</summary>
    public int RoomFor(int rows)
    {
        int capacity = StagedRows.CapacityFor(Shape.Dimensions);

        // As many as there is room for in all would not wait for others.
        return rows >= capacity ? 0 : _staging?.Fits(rows) == true ? Math.Min(capacity - _staging.Count, capacity - 1) : capacity - 1;
    }

    /// <summary>Merges a batch, now or with those that follow it.</summary>
    public void Accumulate(DeviceView<float> features, DeviceView<int> bins)
    {
        if (TryReserve((int)bins.Length, out DeviceView<float> roomForFeatures, out DeviceView<int> roomForBins))
        {
            _backend.Copy(features, roomForFeatures);
            _backend.Copy(bins, roomForBins);
            KeepReserved((int)bins.Length);
        }
        else
        {
            DeviceView<int> rows = _grouping.Group(bins);
            _backend.AccumulateMoments(features, rows, _grouping.Offsets, Shape, _counts, _means, _scatters);
        }
    }

    /// <summary>Room where a small batch can wait until there are more; false for a batch that is large enough to be merged by itself.</summary>
    /// <remarks>Merging visits the statistics of every bin that a batch has rows of, however few.</remarks>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="features">[rows x D] to fill.</param>
    /// <param name="bins">[rows] to fill.</param>
    public bool TryReserve(int rows, out DeviceView<float> features, out DeviceView<int> bins)
    {
        features = default;
        bins = default;
        if (rows >= StagedRows.CapacityFor(Shape.Dimensions))
        {
            return false;
        }

        _staging ??= new StagedRows(_backend, Shape.Dimensions, Shape.Bins);
        if (!_staging.Fits(rows))
        {
            Settle();
        }

        (features, bins) = _staging.Next(rows);
        return true;
    }

    /// <summary>Takes in a batch that was written where <see cref="TryReserve"/> said.</summary>
    public void KeepReserved(int rows) => _staging!.Keep(rows);

    /// <summary>An order of the batch's rows, bin after bin, valid until the next batch is grouped.</summary>
    public DeviceView<int> Group(DeviceView<int> bins) => _grouping.Group(bins);

    /// <summary>An order of the batch's rows, bin after bin, when it is the one accumulated last; otherwise absent.</summary>
    public DeviceView<int> OrderOf(DeviceView<int> bins) => _grouping.OrderOf(bins);

    /// <summary>[B] samples of each bin, those of waiting rows among them, which stay where they are.</summary>
    public long[] CountsWithWaiting()
    {
        long[] counts = _backend.Download(_counts);
        if (HasWaiting)
        {
            _waiting = _staging!.Group();
            _backend.CopyOut(_staging.Offsets, _offsets);
            for (int b = 0; b < counts.Length; b++)
            {
                counts[b] += _offsets[b + 1] - _offsets[b];
            }
        }

        return counts;
    }

    /// <summary>Moves running statistics towards those of all samples, then forgets the samples. Behind <see cref="CountsWithWaiting"/>, without other calls between them.</summary>
    public void BlendInto(BlendWeights weights, BinStatistics running)
    {
        if (HasWaiting)
        {
            _backend.BlendMoments(_staging!.Features, _waiting, _staging.Offsets, Shape, _counts, _means, _scatters, weights, running);
            _staging.Clear();
        }
        else
        {
            _backend.BlendMoments(default, default, default, Shape, _counts, _means, _scatters, weights, running);
        }
    }

    /// <summary>Forgets all samples.</summary>
    public void Clear()
    {
        _staging?.Clear();
        _backend.Clear<long>(_counts);
        _backend.Clear<double>(_means);
        _backend.Clear<double>(_scatters);
    }

    /// <summary>[B] samples of each bin.</summary>
    public long[] Counts()
    {
        Settle();
        return _backend.Download(_counts);
    }

    /// <summary>Sets the number of samples of each bin; their means and scatters go with <see cref="CopyIn"/>.</summary>
    public void SetCounts(long[] counts) => _backend.CopyIn<long>(counts, _counts);

    /// <summary>Copies one bin to the host, zeros above the diagonals. An empty span leaves that part out.</summary>
    /// <param name="bin">0..B-1.</param>
    /// <param name="mean">[D].</param>
    /// <param name="scatter">[D x g].</param>
    public void CopyOut(int bin, Span<double> mean, Span<double> scatter)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bin);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bin, Shape.Bins);
        Settle();
        _backend.CopyOut(_means.Slice((long)bin * Shape.Dimensions, mean.Length), mean);
        _backend.CopyOut(_scatters.Slice((long)bin * Shape.CovarianceWidth, scatter.Length), scatter);
        for (int i = 0; i < Shape.Dimensions && !scatter.IsEmpty; i++)
        {
            scatter.Slice(i * Shape.BlockSize, Shape.BlockSize)[(i % Shape.BlockSize + 1)..].Clear();
        }
    }

    /// <summary>Replaces one bin's mean [D] and scatter [D x g].</summary>
    public void CopyIn(int bin, ReadOnlySpan<double> mean, ReadOnlySpan<double> scatter)
    {
        _backend.CopyIn(mean, _means.Slice((long)bin * Shape.Dimensions, mean.Length));
        _backend.CopyIn(scatter, _scatters.Slice((long)bin * Shape.CovarianceWidth, scatter.Length));
    }

    public void Dispose()
    {
        _counts.Dispose();
        _means.Dispose();
        _scatters.Dispose();
        _grouping.Dispose();
        _staging?.Dispose();
    }

    private void Settle()
    {
        if (HasWaiting)
        {
            DeviceView<int> order = _staging!.Group();
            _backend.AccumulateMoments(_staging.Features, order, _staging.Offsets, Shape, _counts, _means, _scatters);
            _staging.Clear();
        }
    }
}
