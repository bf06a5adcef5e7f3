using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>Training rows that are read in blocks while training goes on: one window is trained on, the next one is read meanwhile.</summary>
/// <remarks>Rows that fit into one window are read once. Reading is done by a thread of its own, so that training waits for the disk only when the disk is slower.</remarks>
internal sealed class StreamedRows : IRowWindows
{
    private readonly WindowPlan _plan;
    private readonly WindowFill[] _fills;
    private readonly CancellationTokenSource _stop = new();
    private readonly int _epochs;
    private Task? _reading;
    private (int Epoch, int Window) _read = (-1, -1);
    private int _epoch;
    private int _next;
    private int _target;
    private bool _isPublished;

    /// <summary>Allocates two windows, or one when it holds all rows.</summary>
    /// <param name="backend">Where rows go.</param>
    /// <param name="set">The rows, which are read in blocks.</param>
    /// <param name="scaling">Scaling of the targets.</param>
    /// <param name="bins">Bins of the first target.</param>
    /// <param name="blocksPerWindow">Most blocks in memory together, twice.</param>
    /// <param name="seed">Seed of the orders.</param>
    /// <param name="epochs">Epochs that there will be at most: behind the last none is read in advance.</param>
    public StreamedRows(IBackend backend, TrainingSet set, TargetScaling scaling, LabelBins bins, int blocksPerWindow, ulong seed, int epochs)
    {
        IRowBlocks blocks = set.Blocks!;
        _epochs = epochs;
        _plan = new WindowPlan(blocks.BlockCount, blocksPerWindow, seed);
        int capacity = blocks.LargestTogether(_plan.LargestWindow);
        _fills = new WindowFill[Math.Min(2, _plan.Windows)];
        for (int i = 0; i < _fills.Length; i++)
        {
            _fills[i] = new WindowFill(backend, set, scaling, bins, capacity);
        }
    }

    private bool IsWhole => _plan.Windows == 1;

    /// <inheritdoc/>
    public void StartEpoch(int epoch)
    {
        _epoch = epoch;
        _next = 0;
        if (!IsWhole || _read.Epoch < 0)
        {
            StartReading(epoch, 0);
        }
    }

    /// <inheritdoc/>
    public RowWindow? Next()
    {
        if (_next == _plan.Windows)
        {
            return null;
        }

        WaitForReading();
        RowWindow window = _fills[_target].Window;
        if (!IsWhole || !_isPublished)
        {
            _fills[_target].Publish();
            _isPublished = true;
        }

        window.Shuffle(_plan.RowStream(_epoch, _next));
        _next++;
        if (!IsWhole)
        {
            ReadAhead();
        }

        return window;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        ForgetReading();
        foreach (WindowFill fill in _fills)
        {
            fill.Dispose();
        }

        _stop.Dispose();
    }

    private void ReadAhead()
    {
        _target = 1 - _target;
        if (_next < _plan.Windows)
        {
            StartReading(_epoch, _next);
        }
        else if (_epoch + 1 < _epochs)
        {
            StartReading(_epoch + 1, 0);
        }
    }

    private void StartReading(int epoch, int window)
    {
        if (_read == (epoch, window))
        {
            return; // in advance, at the end of the epoch before
        }

        ForgetReading();
        _read = (epoch, window);
        WindowFill fill = _fills[_target];
        _reading = Task.Factory.StartNew(
            () => fill.Read(_plan.BlocksOf(epoch, window), _stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void WaitForReading()
    {
        Task reading = _reading!;
        try
        {
            reading.GetAwaiter().GetResult();
        }
        catch
        {
            // What could not be read is not there to be trained on, but may be asked for again.
            (_reading, _read) = (null, (-1, -1));
            throw;
        }
    }

    /// <summary>Waits until nobody writes into the windows any more; what an epoch had asked for that was interrupted may also have failed.</summary>
    private void ForgetReading()
    {
        try
        {
            _reading?.GetAwaiter().GetResult();
        }
        catch (Exception unused) when (unused is OperationCanceledException or InvalidDataException or IOException)
        {
        }

        (_reading, _read) = (null, (-1, -1));
    }
}
