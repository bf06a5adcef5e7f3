using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>Training rows gathered into mini-batches, window after window, in an order that is a function of (seed, epoch).</summary>
internal sealed class BatchSource : IDisposable
{
    private readonly IBackend _backend;
    private readonly IRowWindows _windows;
    private readonly int _inputColumns;
    private readonly int _targetColumns;
    private readonly int _capacity;
    private int _groupedBins;
    private readonly int[] _rowNumbers;
    private readonly DeviceBuffer<float> _inputs;
    private readonly DeviceBuffer<float> _targets;
    private readonly DeviceBuffer<float> _weights;
    private readonly DeviceBuffer<int> _bins;
    private RowWindow? _window;
    private int _next;

    /// <summary>Allocates batches.</summary>
    /// <param name="backend">Where the rows lie.</param>
    /// <param name="windows">The rows; disposed of with the source.</param>
    /// <param name="set">What they are.</param>
    /// <param name="capacity">Rows of the largest batch.</param>
    public BatchSource(IBackend backend, IRowWindows windows, TrainingSet set, int capacity)
    {
        _backend = backend;
        _windows = windows;
        _inputColumns = set.InputColumns;
        _targetColumns = set.Targets;
        _capacity = capacity;
        Rows = set.Rows;
        _rowNumbers = new int[capacity];
        _inputs = backend.Allocate<float>((long)capacity * _inputColumns);
        _targets = backend.Allocate<float>((long)capacity * _targetColumns);
        _weights = backend.Allocate<float>(capacity);
        _bins = backend.Allocate<int>(capacity);
    }

    /// <summary>N.</summary>
    public int Rows { get; }

    /// <summary>Rows of the current batch, or of all batches that were asked for.</summary>
    public int BatchRows { get; private set; }

    /// <summary>[BatchRows] numbers of the rows of the current batch in the training set; valid until the next call.</summary>
    public ReadOnlySpan<int> RowNumbers
    {
        get
        {
            ReadOnlySpan<int> places = _window!.Order.Slice(_next - BatchRows, BatchRows);
            if (_window.Numbers is not { } numbers)
            {
                return places;
            }

            for (int i = 0; i < places.Length; i++)
            {
                _rowNumbers[i] = numbers[places[i]];
            }

            return _rowNumbers.AsSpan(0, places.Length);
        }
    }

    public DeviceView<float> Inputs => _inputs.Slice(0, (long)BatchRows * _inputColumns);

    public DeviceView<float> Targets => _targets.Slice(0, (long)BatchRows * _targetColumns);

    public DeviceView<int> Bins => _bins.Slice(0, BatchRows);

    /// <summary>Weights of the current batch; absent when all are 1.</summary>
    public DeviceView<float> Weights { get; private set; }

    /// <summary>[n] places in the window of the rows of the current batch.</summary>
    private DeviceView<int> Places => _window!.DeviceOrder.Slice(_next - BatchRows, BatchRows);

    /// <summary>Key of the random numbers that order the rows of an epoch.</summary>
    public static ulong StreamOf(ulong seed, int epoch) => CounterRandom.Stream(CounterRandom.Stream(seed, 0x4), (ulong)epoch);

    /// <summary>Begins an epoch.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="groupedBins">B, when rows of a batch are to lie bin after bin; 0 leaves them in random order.</param>
    public void StartEpoch(int epoch, int groupedBins = 0)
    {
        _groupedBins = groupedBins;
        _windows.StartEpoch(epoch);
        _window = null;
        _next = 0;
    }

    /// <summary>Goes to the next batch, or to some of them at once; false when the epoch has ended.</summary>
    /// <param name="most">Batches; fewer where a window ends. Of several there are no more than the rows themselves: nothing is gathered.</param>
    /// <exception cref="InvalidDataException">Rows that are read while training goes on cannot be read.</exception>
    public bool Next(int most = 1)
    {
        while (_window is null || _next >= _window.Rows)
        {
            _window = _windows.Next();
            _next = 0;
            if (_window is null)
            {
                return false;
            }

            if (_groupedBins > 0)
            {
                _window.GroupBatches(_capacity, _groupedBins);
            }

            _window.PublishOrder();
        }

        BatchRows = (int)Math.Min((long)_capacity * most, _window.Rows - _next);
        _next += BatchRows;
        return true;
    }

    /// <summary>Gathers inputs, targets, weights and bins of the batch.</summary>
    /// <param name="headStage">Whether the weights are those of the second stage.</param>
    public void Gather(bool headStage)
    {
        _backend.GatherRows(_window!.Inputs, Places, _inputColumns, Inputs);
        _backend.GatherRows(_window.Targets, Places, _targetColumns, Targets);
        GatherBins(Bins);
        DeviceView<float> weights = headStage ? _window.HeadWeights : _window.Weights;
        Weights = default;
        if (!weights.IsAbsent)
        {
            Weights = _weights.Slice(0, BatchRows);
            _backend.GatherRows(weights, Places, 1, Weights);
        }
    }

    /// <summary>Gathers the bins of the batch alone.</summary>
    /// <param name="bins">[n].</param>
    public void GatherBins(DeviceView<int> bins) => _backend.GatherRows(_window!.Bins, Places, 1, bins);

    /// <summary>Rows of the largest batch.</summary>
    public int Capacity => _capacity;

    /// <summary>The batch by the places of its rows, with the weights of the first stage.</summary>
    public NetworkBatch Numbered(ulong dropoutStream) => new(_window!.Inputs, _window.Targets, _window.Weights, Places, dropoutStream);

    public void Dispose()
    {
        _windows.Dispose();
        _inputs.Dispose();
        _targets.Dispose();
        _weights.Dispose();
        _bins.Dispose();
    }
}
