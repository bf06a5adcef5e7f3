using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>Training rows that lie on the backend all the time: one window.</summary>
internal sealed class ResidentRows : IRowWindows
{
    private readonly RowWindow _window;
    private readonly ulong _seed;
    private readonly StratifiedOrder? _stratified;
    private bool _isTaken;

    /// <summary>Copies the rows to the backend.</summary>
    /// <param name="backend">Where.</param>
    /// <param name="set">The rows.</param>
    /// <param name="scaling">Scaling of the targets.</param>
    /// <param name="bins">[N] bins of the first target.</param>
    /// <param name="seed">Seed of the orders.</param>
    /// <param name="stratified">Fills orders; null shuffles.</param>
    public ResidentRows(IBackend backend, TrainingSet set, TargetScaling scaling, int[] bins, ulong seed, StratifiedOrder? stratified)
    {
        _seed = seed;
        _stratified = stratified;
        _window = new RowWindow(backend, set, set.Rows) { Rows = set.Rows };
        backend.CopyIn<float>(set.Inputs, _window.Inputs);
        backend.CopyIn<float>(scaling.Standardize(set.Labels), _window.Targets);
        backend.CopyIn<int>(bins, _window.Bins);
        if (set.Weights is not null)
        {
            backend.CopyIn<float>(set.Weights, _window.Weights);
        }

        if (set.HeadWeights is not null)
        {
            backend.CopyIn<float>(set.HeadWeights, _window.HeadWeights);
        }
    }

    /// <inheritdoc/>
    public void StartEpoch(int epoch)
    {
        ulong stream = BatchSource.StreamOf(_seed, epoch);
        if (_stratified is not null)
        {
            _stratified.Fill(stream, _window.Order);
        }
        else
        {
            _window.Shuffle(stream);
        }

        _isTaken = false;
    }

    /// <inheritdoc/>
    public RowWindow? Next()
    {
        bool wasTaken = _isTaken;
        _isTaken = true;
        return wasTaken ? null : _window;
    }

    /// <inheritdoc/>
    public void Dispose() => _window.Dispose();
}
