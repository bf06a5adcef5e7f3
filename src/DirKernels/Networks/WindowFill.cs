using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>Fills a window with the rows of blocks: on any thread into memory of the host, which on the CPU is where they stay, then onto the backend.</summary>
internal sealed class WindowFill : IDisposable
{
    private readonly TrainingSet _set;
    private readonly TargetScaling _scaling;
    private readonly LabelBins _bins;
    private readonly HostMirror<float> _inputs;
    private readonly HostMirror<float> _targets;
    private readonly HostMirror<int> _binOfRow;
    private readonly HostMirror<float> _weights;
    private readonly HostMirror<float> _headWeights;

    /// <summary>Allocates room.</summary>
    /// <param name="backend">Where the rows go.</param>
    /// <param name="set">The rows, which are read in blocks.</param>
    /// <param name="scaling">Scaling of the targets.</param>
    /// <param name="bins">Bins of the first target.</param>
    /// <param name="capacity">Most rows at a time.</param>
    public WindowFill(IBackend backend, TrainingSet set, TargetScaling scaling, LabelBins bins, int capacity)
    {
        _set = set;
        _scaling = scaling;
        _bins = bins;
        _inputs = new HostMirror<float>(backend, (long)capacity * set.InputColumns);
        _targets = new HostMirror<float>(backend, (long)capacity * set.Targets);
        _binOfRow = new HostMirror<int>(backend, capacity);
        _weights = new HostMirror<float>(backend, set.Weights is null ? 0 : capacity);
        _headWeights = new HostMirror<float>(backend, set.HeadWeights is null ? 0 : capacity);
        Window = new RowWindow(backend, set, capacity) { Numbers = new int[capacity] };
    }

    /// <summary>The window.</summary>
    public RowWindow Window { get; }

    /// <summary>Reads blocks; on the CPU the window must not be in use.</summary>
    /// <param name="blocks">Which.</param>
    /// <param name="cancellation">Looked at before each block.</param>
    /// <exception cref="InvalidDataException">A block cannot be read, or an input is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Read(ReadOnlySpan<int> blocks, CancellationToken cancellation)
    {
        IRowBlocks source = _set.Blocks!;
        Window.Rows = 0;
        foreach (int block in blocks)
        {
            Window.Rows += source.RowsOf(block);
        }

        Span<float> inputs = _inputs.Open(Window.Inputs);
        int at = 0;
        foreach (int block in blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            int rows = source.RowsOf(block);
            source.ReadFinite(block, inputs.Slice(at * source.Columns, rows * source.Columns));
            ReadLabels(source.FirstRow(block), rows, at);
            at += rows;
        }
    }

    /// <summary>Brings what was read to the backend.</summary>
    public void Publish()
    {
        Write(_inputs, Window.Inputs);
        Write(_targets, Window.Targets);
        Write(_binOfRow, Window.Bins);
        Write(_weights, Window.Weights);
        Write(_headWeights, Window.HeadWeights);
    }

    /// <inheritdoc/>
    public void Dispose() => Window.Dispose();

    private static void Write<T>(HostMirror<T> mirror, DeviceView<T> view)
        where T : unmanaged
    {
        if (!view.IsAbsent)
        {
            mirror.Write(view);
        }
    }

    private void ReadLabels(int first, int rows, int at)
    {
        int width = _set.Targets;
        ReadOnlySpan<double> labels = _set.Labels.AsSpan(first * width, rows * width);
        _scaling.Standardize(labels, _targets.Open(Window.Targets)[(at * width)..]);
        Span<int> bins = _binOfRow.Open(Window.Bins)[at..];
        Span<int> numbers = Window.Numbers.AsSpan(at);
        for (int i = 0; i < rows; i++)
        {
            bins[i] = _bins.IndexOf(labels[i * width]);
            numbers[i] = first + i;
        }

        _set.Weights?.AsSpan(first, rows).CopyTo(_weights.Open(Window.Weights)[at..]);
        _set.HeadWeights?.AsSpan(first, rows).CopyTo(_headWeights.Open(Window.HeadWeights)[at..]);
    }
}
