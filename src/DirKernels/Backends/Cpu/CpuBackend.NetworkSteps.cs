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
        int done = StepByTwins(plan, batches, run, calibration, update, parameters, features, gradient, lossSum);
        for (; done < run.Count; done++)
        {
            Step(
                plan,
                run.BatchOf(batches, done),
                run.CalibrationOf(calibration, done),
                update with { Step = run.StepOf(done) },
                parameters,
                run.Slice(features, plan.FeatureDimensions, done),
                gradient,
                lossSum,
                run.RowsBehind(done));
        }
    }

    // Two threads with parameters of their own go through all batches but one of a single block at the end. Returns how many, which is none where it cannot be done, or not now.
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
        bool isWorthSharing = (long)run.RowsOf(0) * plan.ParameterLength > WorthSharing;
        if (_team.Size != 2 || update.IsAbsent || count == 0 || !isWorthSharing || !GoesByRows(plan) || !_team.CallerGate.TryEnter())
        {
            return 0;
        }

        try
        {
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
        }
        finally
        {
            _team.CallerGate.Exit();
        }

        KeepAlive(batches, calibration, update);
        GC.KeepAlive(parameters.Buffer);
        GC.KeepAlive(features.Buffer);
        GC.KeepAlive(gradient.Buffer);
        GC.KeepAlive(lossSum.Buffer);
        return count;
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
