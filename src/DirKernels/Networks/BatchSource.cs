using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>Training rows on a backend, gathered into mini-batches in an order that is a function of (seed, epoch).</summary>
internal sealed class BatchSource : IDisposable
{
    private readonly IBackend _backend;
    private readonly int _inputColumns;
    private readonly int _targetColumns;
    private readonly int _capacity;
    private readonly ulong _seed;
    private readonly int[] _order;
    private readonly StratifiedOrder? _stratified;
    private readonly DeviceBuffer<float> _allInputs;
    private readonly DeviceBuffer<float> _allTargets;
    private readonly DeviceBuffer<int> _allBins;
    private readonly DeviceBuffer<float>? _allWeights;
    private readonly DeviceBuffer<float>? _allHeadWeights;
    private readonly DeviceBuffer<int> _deviceOrder;
    private readonly DeviceBuffer<float> _inputs;
    private readonly DeviceBuffer<float> _targets;
    private readonly DeviceBuffer<float> _weights;
    private readonly DeviceBuffer<int> _bins;
    private int _next;

    public BatchSource(IBackend backend, TrainingSet set, float[] targets, int[] bins, int capacity, ulong seed, StratifiedOrder? stratified = null)
    {
        _backend = backend;
        _inputColumns = set.InputColumns;
        _targetColumns = set.Targets;
        _capacity = capacity;
        _seed = seed;
        _stratified = stratified;
        Rows = set.Rows;
        _order = new int[set.Rows];
        _allInputs = backend.Upload(set.Inputs);
        _allTargets = backend.Upload(targets);
        _allBins = backend.Upload(bins);
        _allWeights = set.Weights is null ? null : backend.Upload(set.Weights);
        _allHeadWeights = set.HeadWeights is null ? null : backend.Upload(set.HeadWeights);
        _deviceOrder = backend.Allocate<int>(set.Rows);
        _inputs = backend.Allocate<float>((long)capacity * _inputColumns);
        _targets = backend.Allocate<float>((long)capacity * _targetColumns);
        _weights = backend.Allocate<float>(capacity);
        _bins = backend.Allocate<int>(capacity);
    }

    /// <summary>N.</summary>
    public int Rows { get; }

    /// <summary>Rows of the current batch.</summary>
    public int BatchRows { get; private set; }

    /// <summary>[n] rows of the current batch in the table.</summary>
    public DeviceView<int> BatchNumbers { get; private set; }

    /// <summary>[BatchRows] numbers of the rows of the current batch in the training set.</summary>
    public ReadOnlySpan<int> RowNumbers => _order.AsSpan(_next - BatchRows, BatchRows);

    public DeviceView<float> Inputs => _inputs.Slice(0, (long)BatchRows * _inputColumns);

    public DeviceView<float> Targets => _targets.Slice(0, (long)BatchRows * _targetColumns);

    public DeviceView<int> Bins => _bins.Slice(0, BatchRows);

    /// <summary>Weights of the current batch; absent when all are 1.</summary>
    public DeviceView<float> Weights { get; private set; }

    public void StartEpoch(int epoch)
    {
        ulong stream = CounterRandom.Stream(CounterRandom.Stream(_seed, 0x4), (ulong)epoch);
        if (_stratified is not null)
        {
            _stratified.Fill(stream, _order);
        }
        else
        {
            for (int i = 0; i < _order.Length; i++)
            {
                _order[i] = i;
            }

            CounterRandom.Shuffle(stream, _order);
        }

        _backend.CopyIn<int>(_order, _deviceOrder);
        _next = 0;
    }

    /// <summary>Goes to the next batch; false when the epoch has ended.</summary>
    public bool Next()
    {
        if (_next >= Rows)
        {
            return false;
        }

        BatchRows = Math.Min(_capacity, Rows - _next);
        BatchNumbers = _deviceOrder.Slice(_next, BatchRows);
        _next += BatchRows;
        return true;
    }

    /// <summary>Gathers inputs, targets, weights and bins of the batch.</summary>
    /// <param name="headStage">Whether the weights are those of the second stage.</param>
    public void Gather(bool headStage)
    {
        _backend.GatherRows(_allInputs, BatchNumbers, _inputColumns, Inputs);
        _backend.GatherRows(_allTargets, BatchNumbers, _targetColumns, Targets);
        GatherBins(Bins);
        DeviceBuffer<float>? weights = headStage ? _allHeadWeights : _allWeights;
        Weights = default;
        if (weights is not null)
        {
            Weights = _weights.Slice(0, BatchRows);
            _backend.GatherRows(weights, BatchNumbers, 1, Weights);
        }
    }

    /// <summary>Gathers the bins of the batch alone.</summary>
    /// <param name="bins">[n].</param>
    public void GatherBins(DeviceView<int> bins) => _backend.GatherRows(_allBins, BatchNumbers, 1, bins);

    /// <summary>The batch by its row numbers, with the weights of the first stage.</summary>
    public NetworkBatch Numbered(ulong dropoutStream) =>
        new(_allInputs, _allTargets, _allWeights is null ? default : _allWeights.View, BatchNumbers, dropoutStream);

    public void Dispose()
    {
        _allInputs.Dispose();
        _allTargets.Dispose();
        _allBins.Dispose();
        _allWeights?.Dispose();
        _allHeadWeights?.Dispose();
        _deviceOrder.Dispose();
        _inputs.Dispose();
        _targets.Dispose();
        _weights.Dispose();
        _bins.Dispose();
    }
}
