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
        var all = new NetworkOperands(batches, calibration, update, parameters, features, gradient, lossSum);
        var run = NetworkRun.Of(all, batchRows);
        for (int done = 0, together; done < run.Count; done += Math.Max(together, 1))
        {
            NetworkRun left = run.Behind(done);
            NetworkOperands steps = run.Behind(all, plan.FeatureDimensions, done);
            together = StepTogether(plan, left, steps);
            if (together == 0)
            {
                Step(plan, left.Of(steps, plan.FeatureDimensions, 0), left.RowsBehind(0));
            }
        }
    }

    // Two threads go through batches by themselves. Returns how many, which is none where it cannot be done, or not now.
    private int StepTogether(NetworkPlan plan, in NetworkRun run, in NetworkOperands steps)
    {
        if (_team.Size != 2 || !_team.CallerGate.TryEnter())
        {
            return 0;
        }

        try
        {
            return GoesByRows(plan) ? StepByTwins(plan, run, steps) : StepByPair(plan, run, steps);
        }
        finally
        {
            _team.CallerGate.Exit();
            steps.KeepAlive();
        }
    }

    // A small network: parameters of each thread's own, and all batches but one of a single block at the end.
    private unsafe int StepByTwins(NetworkPlan plan, in NetworkRun run, in NetworkOperands steps)
    {
        int count = run.BatchRows <= NetworkBlocks.RowsPerBlock ? 0 : run.RowsOf(run.Count - 1) <= NetworkBlocks.RowsPerBlock ? run.Count - 1 : run.Count;
        if (steps.Update.IsAbsent || count == 0 || run.RowsOf(0) * plan.ParameterLength <= WorthSharing)
        {
            return 0;
        }

        // Before anybody asks for their addresses.
        bool isCopied = IsCopied(steps, _twin);
        NetworkLayer* layers = stackalloc NetworkLayer[plan.Layers.Count];
        NetworkOperands first = run.Of(steps, plan.FeatureDimensions, 0);
        NetworkBlocks blocks = Describe(plan, first, layers, count);
        blocks.IsByHalves = true;
        var memory = new NetworkMemory(plan, blocks, HeadOf(plan, first), byHalves: false, Pointer(steps.Parameters), Pointer(first.Features), Pointer(steps.Gradient));
        var job = new NetworkTwinJob { Blocks = (NetworkBlocks*)Unsafe.AsPointer(ref memory.Blocks), Batches = run, Count = count, LossSum = Pointer(steps.LossSum) };
        if (!_twin.TryBegin(UpdateOf(steps), isCopied, ref job))
        {
            return 0;
        }

        _team.RunPair(ref job, &NetworkTwinJob.Follow, job.State);
        _twin.End(job);
        NoteCopy(steps, _twin);
        return count;
    }

    // A wide network whose head does its work where the other layers do: all batches.
    private unsafe int StepByPair(NetworkPlan plan, in NetworkRun run, in NetworkOperands steps)
    {
        if (!steps.Calibration.IsAbsent || run.RowsOf(0) * plan.ParameterLength <= WorthSharingHalves)
        {
            return 0;
        }

        // Before anybody asks for their addresses.
        bool isCopied = IsCopied(steps, _firstLayer);
        NetworkLayer* layers = stackalloc NetworkLayer[plan.Layers.Count];
        ParameterStep* copies = stackalloc ParameterStep[NetworkHalves.Count];
        NetworkOperands first = run.Of(steps, plan.FeatureDimensions, 0);
        var memory = new NetworkMemory(
            plan, Describe(plan, first, layers, run.Count), default, byHalves: true, Pointer(steps.Parameters), Pointer(first.Features), Pointer(steps.Gradient));
        isCopied = BeginHalves(ref memory.Halves, plan, UpdateOf(steps), isCopied, copies);
        var job = new NetworkPairJob { Batches = run, Count = run.Count, LossSum = Pointer(steps.LossSum), IsForward = true, IsBackward = true, LastLayer = plan.Layers.Count - 1 };
        if (!TryRunPair(ref memory.Halves, ref job))
        {
            return 0;
        }

        if (steps.Update.IsAbsent)
        {
            ClearBetween(plan, Pointer(steps.Gradient));
        }

        if (isCopied)
        {
            NoteCopy(steps, _firstLayer);
        }

        return run.Count;
    }

    private static unsafe ParameterStep UpdateOf(in NetworkOperands step) =>
        step.Update.IsAbsent ? default : ParameterStep.Of(step.Update.Step, Pointer(step.Parameters), Pointer(step.Update.FirstMoment), Pointer(step.Update.SecondMoment));

    private static bool IsCopied(in NetworkOperands step, object holder)
    {
        return IsCopied(step.Parameters) && IsCopied(step.Update.FirstMoment) && IsCopied(step.Update.SecondMoment);

        bool IsCopied(DeviceView<float> view) => view.Buffer is null || ((CpuBuffer<float>)view.Buffer).IsCopiedBy(holder);
    }

    private static void NoteCopy(in NetworkOperands step, object holder)
    {
        NoteCopy(step.Parameters);
        NoteCopy(step.Update.FirstMoment);
        NoteCopy(step.Update.SecondMoment);

        void NoteCopy(DeviceView<float> view) => ((CpuBuffer<float>?)view.Buffer)?.NoteCopy(holder);
    }
}
