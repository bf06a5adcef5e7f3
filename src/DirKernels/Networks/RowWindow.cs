using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>Training rows that lie on a backend together, all of them or those of some blocks, and the order in which they are trained on.</summary>
internal sealed class RowWindow : IDisposable
{
    private readonly IBackend _backend;
    private readonly TrainingSet _set;
    private readonly int[] _order;
    private readonly DeviceBuffer<float> _inputs;
    private readonly DeviceBuffer<float> _targets;
    private readonly DeviceBuffer<float>? _weights;
    private readonly DeviceBuffer<float>? _headWeights;
    private readonly DeviceBuffer<int> _bins;
    private readonly DeviceBuffer<int> _deviceOrder;
    private BinGrouping? _grouping;

    /// <summary>Allocates room.</summary>
    /// <param name="backend">Where the rows lie.</param>
    /// <param name="set">The rows.</param>
    /// <param name="capacity">Most rows at a time.</param>
    public RowWindow(IBackend backend, TrainingSet set, int capacity)
    {
        _backend = backend;
        _set = set;
        _order = new int[capacity];
        _inputs = backend.Allocate<float>((long)capacity * set.InputColumns);
        _targets = backend.Allocate<float>((long)capacity * set.Targets);
        _weights = set.Weights is null ? null : backend.Allocate<float>(capacity);
        _headWeights = set.HeadWeights is null ? null : backend.Allocate<float>(capacity);
        _bins = backend.Allocate<int>(capacity);
        _deviceOrder = backend.Allocate<int>(capacity);
    }

    /// <summary>Rows that the window holds.</summary>
    public int Rows { get; set; }

    /// <summary>Numbers in the training set of the rows in the window; null when the window holds all rows in their own order.</summary>
    public int[]? Numbers { get; init; }

    /// <summary>[Rows x inputs].</summary>
    public DeviceView<float> Inputs => _inputs.Slice(0, (long)Rows * _set.InputColumns);

    /// <summary>[Rows x targets], standardised.</summary>
    public DeviceView<float> Targets => _targets.Slice(0, (long)Rows * _set.Targets);

    /// <summary>[Rows] bins of the first target.</summary>
    public DeviceView<int> Bins => _bins.Slice(0, Rows);

    /// <summary>[Rows] weights; absent when all are 1.</summary>
    public DeviceView<float> Weights => _weights is null ? default : _weights.Slice(0, Rows);

    /// <summary>[Rows] weights of the second stage; absent when all are 1.</summary>
    public DeviceView<float> HeadWeights => _headWeights is null ? default : _headWeights.Slice(0, Rows);

    /// <summary>[Rows] places in the window in the order of training, on the host.</summary>
    public Span<int> Order => _order.AsSpan(0, Rows);

    /// <summary>The same on the backend.</summary>
    public DeviceView<int> DeviceOrder => _deviceOrder.Slice(0, Rows);

    /// <summary>Puts the rows in random order, on the host.</summary>
    public void Shuffle(ulong stream)
    {
        Span<int> order = Order;
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        CounterRandom.Shuffle(stream, order);
    }

    /// <summary>Puts the rows of each batch in the order of their bins; rows of a bin keep theirs.</summary>
    /// <param name="batchRows">Rows of a batch but the last.</param>
    /// <param name="binCount">B.</param>
    public void GroupBatches(int batchRows, int binCount)
    {
        _grouping ??= new BinGrouping(_backend, _order.Length, batchRows, binCount);
        _grouping.Sort(Order, Bins);
    }

    /// <summary>Brings the order to the backend.</summary>
    public void PublishOrder() => _backend.CopyIn<int>(Order, DeviceOrder);

    /// <inheritdoc/>
    public void Dispose()
    {
        _inputs.Dispose();
        _targets.Dispose();
        _weights?.Dispose();
        _headWeights?.Dispose();
        _bins.Dispose();
        _deviceOrder.Dispose();
    }
}
