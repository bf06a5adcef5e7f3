namespace DirKernels.Backends;

/// <summary>Some batches, one after the other, and the step of the optimiser behind each of them.</summary>
/// <param name="Rows">Rows of all batches.</param>
/// <param name="BatchRows">Rows of a batch; the last one may have fewer.</param>
/// <param name="First">The first step.</param>
/// <param name="DropoutStream">Key of the random numbers of the only step, or of all steps.</param>
/// <param name="IsDropoutByStep">Whether each step has a key of its own, see <see cref="IBackend.NetworkSteps"/>.</param>
internal readonly record struct NetworkRun(int Rows, int BatchRows, OptimizerStep First, ulong DropoutStream, bool IsDropoutByStep)
{
    /// <summary>Batches.</summary>
    public int Count => (Rows + BatchRows - 1) / BatchRows;

    /// <summary>Rows of a batch.</summary>
    public int RowsOf(int batch) => Math.Min(BatchRows, Rows - batch * BatchRows);

    /// <summary>Rows of later batches.</summary>
    public int RowsBehind(int batch) => Rows - batch * BatchRows - RowsOf(batch);

    /// <summary>What is left behind some batches.</summary>
    public NetworkRun Behind(int batches) => this with { Rows = Rows - batches * BatchRows, First = StepOf(batches) };

    /// <summary>The rows that are left behind some batches.</summary>
    public NetworkBatch BehindOf(in NetworkBatch all, int batches) => all with { Rows = Behind(all.Rows, 1, batches) };

    /// <summary>What belongs to the rows behind some batches.</summary>
    /// <param name="all">[rows x width], or absent.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="batches">How many.</param>
    public DeviceView<T> Behind<T>(DeviceView<T> all, int width, int batches)
        where T : unmanaged
    {
        long first = (long)batches * BatchRows * width;
        return all.IsAbsent ? all : all.Slice(first, (long)Rows * width - first);
    }

    /// <summary>The step behind a batch.</summary>
    public OptimizerStep StepOf(int batch) => First with { Number = First.Number + batch };

    /// <summary>Key of the random numbers of a batch.</summary>
    public ulong DropoutStreamOf(int batch) => IsDropoutByStep ? CounterRandom.Stream(DropoutStream, (ulong)(First.Number - 1 + batch)) : DropoutStream;

    /// <summary>The rows of a batch.</summary>
    public NetworkBatch BatchOf(in NetworkBatch all, int batch) => all with { Rows = Slice(all.Rows, 1, batch), DropoutStream = DropoutStreamOf(batch) };

    /// <summary>Calibration of a batch.</summary>
    public FeatureCalibration CalibrationOf(in FeatureCalibration all, int batch) => all with { Bins = Slice(all.Bins, 1, batch) };

    /// <summary>What belongs to the rows of a batch.</summary>
    /// <param name="all">[rows x width], or absent.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="batch">Which one.</param>
    public DeviceView<T> Slice<T>(DeviceView<T> all, int width, int batch)
        where T : unmanaged => all.IsAbsent ? all : all.Slice((long)batch * BatchRows * width, (long)RowsOf(batch) * width);
}
