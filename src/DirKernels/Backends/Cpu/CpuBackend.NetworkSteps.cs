using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public void NetworkSteps(
        NetworkPlan plan,
        in NetworkBatch batches,
        int batchRows,
        in FeatureCalibration calibration,
        in ParameterUpdate update,
        DeviceView<float> parameters,
        DeviceView<float> features,
        DeviceView<float> gradient,
        DeviceView<double> lossSum)
    {
        var run = new NetworkRun((int)batches.Rows.Length, batchRows, update.Step, batches.DropoutStream, IsDropoutByStep: true);
        for (int done = 0, together; done < run.Count; done += Math.Max(together, 1))
        {
            NetworkRun left = run.Behind(done);
            NetworkBatch rows = run.BehindOf(batches, done);
            FeatureCalibration calibrations = calibration with { Bins = run.Behind(calibration.Bins, 1, done) };
            ParameterUpdate step = update with { Step = left.First };
            DeviceView<float> kept = run.Behind(features, plan.FeatureDimensions, done);
            together = StepTogether(plan, rows, left, calibrations, step, parameters, kept, gradient, lossSum);
            if (together == 0)
            {
                Step(
                    plan,
                    left.BatchOf(rows, 0),
                    left.CalibrationOf(calibrations, 0),
                    step,
                    parameters,
                    left.Slice(kept, plan.FeatureDimensions, 0),
                    gradient,
                    lossSum,
                    left.RowsBehind(0));
            }
        }
    }

    // Two threads go through batches by themselves. Returns how many, which is none where it cannot be done, or not now.
    private int StepTogether(
        NetworkPlan plan,
        in NetworkBatch batches,
        in NetworkRun run,
        in FeatureCalibration calibration,
        in ParameterUpdate update,
        DeviceView<float> parameters,
        DeviceView<float> features,
        DeviceView<float> gradient,
        DeviceView<double> lossSum)
    {
        if (_team.Size != 2 || !_team.CallerGate.TryEnter())
        {
            return 0;
        }

        try
        {
            return GoesByRows(plan)
                ? StepByTwins(plan, batches, run, calibration, update, parameters, features, gradient, lossSum)
                : StepByPair(plan, batches, run, calibration, update, parameters, features, gradient, lossSum);
        }
        finally
        {
            _team.CallerGate.Exit();
            KeepAlive(batches, calibration, update);
            GC.KeepAlive(parameters.Buffer);
            GC.KeepAlive(features.Buffer);
            GC.KeepAlive(gradient.Buffer);
            GC.KeepAlive(lossSum.Buffer);
        }
    }

    // A small network: parameters of each thread's own, and all batches but one of a single block at the end.
    private unsafe int StepByTwins(
        NetworkPlan plan,
        in NetworkBatch batches,
        in NetworkRun run,
        in FeatureCalibration calibration,
        in ParameterUpdate update,
        DeviceView<float> parameters,
        DeviceView<float> features,
        DeviceView<float> gradient,
        DeviceView<double> lossSum)
    {
        int count = run.BatchRows <= NetworkBlocks.RowsPerBlock ? 0 : run.RowsOf(run.Count - 1) <= NetworkBlocks.RowsPerBlock ? run.Count - 1 : run.Count;
        if (update.IsAbsent || count == 0 || run.RowsOf(0) * plan.ParameterLength <= WorthSharing)
        {
            return 0;
        }

        // Before anybody asks for their addresses.
        bool isCopied = IsCopied(parameters, update, _twin);
        NetworkLayer* layers = stackalloc NetworkLayer[plan.Layers.Count];
        NetworkBatch first = run.BatchOf(batches, 0);
        FeatureCalibration ofFirst = run.CalibrationOf(calibration, 0);
        NetworkBlocks blocks = Describe(plan, first, ofFirst, layers, count);
        blocks.IsByHalves = true;
        var memory = new NetworkMemory(plan, blocks, HeadOf(plan, first, ofFirst), byHalves: false, Pointer(parameters), Pointer(features), Pointer(gradient));
        var step = ParameterStep.Of(update.Step, Pointer(parameters), Pointer(update.FirstMoment), Pointer(update.SecondMoment));
        var job = new NetworkTwinJob { Blocks = (NetworkBlocks*)Unsafe.AsPointer(ref memory.Blocks), Batches = run, Count = count, LossSum = Pointer(lossSum) };
        if (!_twin.TryBegin(step, isCopied, ref job))
        {
            return 0;
        }

        _team.RunPair(ref job, &NetworkTwinJob.Follow, job.State);
        _twin.End(job);
        NoteCopy(parameters, update, _twin);
        return count;
    }

    // A wide network whose head does its work where the other layers do: all batches.
    private unsafe int StepByPair(
        NetworkPlan plan,
        in NetworkBatch batches,
        in NetworkRun run,
        in FeatureCalibration calibration,
        in ParameterUpdate update,
        DeviceView<float> parameters,
        DeviceView<float> features,
        DeviceView<float> gradient,
        DeviceView<double> lossSum)
    {
        if (!calibration.IsAbsent || run.RowsOf(0) * plan.ParameterLength <= WorthSharingHalves)
        {
            return 0;
        }

        // Before anybody asks for their addresses.
        bool isCopied = IsCopied(parameters, update, _firstLayer);
        NetworkLayer* layers = stackalloc NetworkLayer[plan.Layers.Count];
        ParameterStep* copies = stackalloc ParameterStep[NetworkHalves.Count];
        NetworkBlocks blocks = Describe(plan, run.BatchOf(batches, 0), default, layers, run.Count);
        var memory = new NetworkMemory(plan, blocks, default, byHalves: true, Pointer(parameters), Pointer(features), Pointer(gradient));
        ParameterStep step = update.IsAbsent ? default : ParameterStep.Of(update.Step, Pointer(parameters), Pointer(update.FirstMoment), Pointer(update.SecondMoment));
        isCopied = BeginHalves(ref memory.Halves, plan, step, isCopied, copies);
        var job = new NetworkPairJob { Batches = run, Count = run.Count, LossSum = Pointer(lossSum), IsForward = true, IsBackward = true, LastLayer = plan.Layers.Count - 1 };
        if (!TryRunPair(ref memory.Halves, ref job))
        {
            return 0;
        }

        if (update.IsAbsent)
        {
            ClearBetween(plan, Pointer(gradient));
        }

        if (isCopied)
        {
            NoteCopy(parameters, update, _firstLayer);
        }

        return run.Count;
    }

    private static bool IsCopied(DeviceView<float> parameters, in ParameterUpdate update, object holder)
    {
        return IsCopied(parameters) && IsCopied(update.FirstMoment) && IsCopied(update.SecondMoment);

        bool IsCopied(DeviceView<float> view) => view.Buffer is null || ((CpuBuffer<float>)view.Buffer).IsCopiedBy(holder);
    }

    private static void NoteCopy(DeviceView<float> parameters, in ParameterUpdate update, object holder)
    {
        NoteCopy(parameters);
        NoteCopy(update.FirstMoment);
        NoteCopy(update.SecondMoment);

        void NoteCopy(DeviceView<float> view) => ((CpuBuffer<float>?)view.Buffer)?.NoteCopy(holder);
    }

    private static void KeepAlive(in NetworkBatch batch, in FeatureCalibration calibration, in ParameterUpdate update)
    {
        GC.KeepAlive(calibration.Bins.Buffer);
        GC.KeepAlive(calibration.Means.Buffer);
        GC.KeepAlive(calibration.Maps.Buffer);
        GC.KeepAlive(calibration.Shifts.Buffer);
        GC.KeepAlive(calibration.Packed.Buffer);
        GC.KeepAlive(batch.Inputs.Buffer);
        GC.KeepAlive(batch.Targets.Buffer);
        GC.KeepAlive(batch.Weights.Buffer);
        GC.KeepAlive(batch.Rows.Buffer);
        GC.KeepAlive(update.FirstMoment.Buffer);
        GC.KeepAlive(update.SecondMoment.Buffer);
    }
}
