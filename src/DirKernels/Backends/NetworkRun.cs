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

    /// <summary>A single step.</summary>
    public static NetworkRun OfOne(in NetworkOperands step) =>
        new((int)step.Batch.Rows.Length, (int)step.Batch.Rows.Length, step.Update.Step, step.Batch.DropoutStream, IsDropoutByStep: false);

    /// <summary>All steps of <see cref="IBackend.NetworkSteps"/>.</summary>
    public static NetworkRun Of(in NetworkOperands steps, int batchRows) =>
        new(checked((int)steps.Batch.Rows.Length), batchRows, steps.Update.Step, steps.Batch.DropoutStream, IsDropoutByStep: true);

    /// <summary>Rows of a batch.</summary>
    public int RowsOf(int batch) => Math.Min(BatchRows, Rows - batch * BatchRows);

    /// <summary>Rows of later batches.</summary>
    public int RowsBehind(int batch) => Rows - batch * BatchRows - RowsOf(batch);

    /// <summary>The step behind a batch.</summary>
    public OptimizerStep StepOf(int batch) => First with { Number = First.Number + batch };

    /// <summary>Key of the random numbers of a batch.</summary>
    public ulong DropoutStreamOf(int batch) => IsDropoutByStep ? CounterRandom.Stream(DropoutStream, (ulong)(First.Number - 1 + batch)) : DropoutStream;

    /// <summary>What is left behind some batches.</summary>
    public NetworkRun Behind(int batches) => this with { Rows = Rows - batches * BatchRows, First = StepOf(batches) };

    /// <summary>What belongs to it.</summary>
    /// <param name="all">Of all batches.</param>
    /// <param name="features">D.</param>
    /// <param name="batches">How many come before.</param>
    public NetworkOperands Behind(in NetworkOperands all, int features, int batches)
    {
        long first = (long)batches * BatchRows;
        return Slice(all, features, first, Rows - first, StepOf(batches), all.Batch.DropoutStream);
    }

    /// <summary>What belongs to a batch.</summary>
    /// <param name="all">Of all batches.</param>
    /// <param name="features">D.</param>
    /// <param name="batch">Which one.</param>
    public NetworkOperands Of(in NetworkOperands all, int features, int batch) =>
        Slice(all, features, (long)batch * BatchRows, RowsOf(batch), StepOf(batch), DropoutStreamOf(batch));

    private static NetworkOperands Slice(in NetworkOperands all, int features, long first, long rows, in OptimizerStep step, ulong dropoutStream) => all with
    {
        Batch = all.Batch with { Rows = all.Batch.Rows.Slice(first, rows), DropoutStream = dropoutStream },
        Calibration = all.Calibration.IsAbsent ? all.Calibration : all.Calibration with { Bins = all.Calibration.Bins.Slice(first, rows) },
        Update = all.Update with { Step = step },
        Features = all.Features.IsAbsent ? all.Features : all.Features.Slice(first * features, rows * features),
    };
}
