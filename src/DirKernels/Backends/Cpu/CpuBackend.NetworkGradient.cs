using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <summary>Parameters of the largest network whose gradients, one for each block of rows, stay in the second-level cache.</summary>
    private const long MostParametersByRows = 24 * 1024;

    /// <summary>Wider layers have products that are worth sharing by themselves.</summary>
    private const int WidestLayerByRows = 512;

    /// <summary>Outputs of the narrowest hidden layer that two threads share.</summary>
    private const int NarrowestHalvedLayer = 16;

    /// <summary>Elements of scratch memory: 256 MB. More go operation by operation in buffers of their own.</summary>
    private const long MostScratch = 64L * 1024 * 1024;

    /// <summary>Multiply-adds of a pass through a wide network that take longer than meeting other threads at each layer.</summary>
    private const long WorthSharingHalves = 1024 * 1024;

    // Of all backends of the process, since threads may work for several.
    private static long _networkSteps;

    /// <inheritdoc/>
    public bool TakesNetwork(NetworkPlan plan, int rows) => plan.Layers.Count > 1 && (GoesByRows(plan) || GoesByHalves(plan, rows));

    private static bool GoesByRows(NetworkPlan plan) =>
        plan.ParameterLength <= MostParametersByRows && Math.Max(Math.Max(plan.Inputs, plan.WidestHidden), plan.Targets) <= WidestLayerByRows;

    // Layers that are worth sharing by themselves, and samples that nearly fill whole panels.
    private static bool GoesByHalves(NetworkPlan plan, int rows)
    {
        int room = new SampleLanes(rows).SamplesWithRoom;
        return (room - rows) * 16 <= rows
            && plan.Layers.SkipLast(1).All(layer => layer.Outputs >= NarrowestHalvedLayer)
            && room * (3L * plan.Layers.Sum(layer => layer.Inputs) + 16L * plan.WidestHidden) <= MostScratch;
    }

    /// <inheritdoc/>
    public void NetworkGradient(
        NetworkPlan plan,
        in NetworkBatch batch,
        in FeatureCalibration calibration,
        in ParameterUpdate update,
        DeviceView<float> parameters,
        DeviceView<float> features,
        DeviceView<float> gradient,
        DeviceView<double> lossSum)
    {
        var step = new NetworkOperands(batch, calibration, update, parameters, features, gradient, lossSum);
        if (StepTogether(plan, NetworkRun.OfOne(step), step) == 0)
        {
            Step(plan, step, rowsToCome: 0);
        }
    }

    // A step, or a gradient alone, where two threads do not go through all of it by themselves.
    private unsafe void Step(NetworkPlan plan, in NetworkOperands step, int rowsToCome)
    {
        // Before anybody asks for their addresses.
        bool byHalves = !GoesByRows(plan), isCopied = byHalves && IsCopied(step, _firstLayer);
        NetworkLayer* layers = stackalloc NetworkLayer[plan.Layers.Count];
        NetworkBlocks blocks = Describe(plan, step, layers, steps: 1);
        blocks.RowsToCome = rowsToCome;
        float* gradient = Pointer(step.Gradient);
        var memory = new NetworkMemory(plan, blocks, HeadOf(plan, step), byHalves, Pointer(step.Parameters), Pointer(step.Features), gradient);
        ParameterStep update = UpdateOf(step);
        *Pointer(step.LossSum) += byHalves ? StepByHalves(ref memory, plan, update, gradient, ref isCopied) : StepByRows(ref memory, plan, update, gradient);
        if (isCopied)
        {
            NoteCopy(step, _firstLayer);
        }

        step.KeepAlive();
    }

    private unsafe NetworkBlocks Describe(NetworkPlan plan, in NetworkOperands step, NetworkLayer* layers, int steps)
    {
        NetworkBatch batch = step.Batch;
        FeatureCalibration calibration = step.Calibration;
        var blocks = new NetworkBlocks
        {
            Activation = plan.Activation,
            Loss = plan.Loss,
            DropoutRate = plan.Dropout,
            DropoutStream = batch.DropoutStream,
            Layers = layers,
            LayerCount = plan.Layers.Count,
            Rows = (int)batch.Rows.Length,
            AllInputs = Pointer(batch.Inputs),
            AllTargets = Pointer(batch.Targets),
            AllWeights = Pointer(batch.Weights),
            RowNumbers = Pointer(batch.Rows),
            IsByBlocks = _team.Size > 2,
            Step = Interlocked.Add(ref _networkSteps, steps) - steps + 1,
        };
        if (!calibration.IsAbsent && calibration.Shape.BlockSize == 1)
        {
            blocks.Calibration = new RowCalibration
            {
                Dimensions = plan.FeatureDimensions,
                Bins = Pointer(calibration.Bins),
                Means = Pointer(calibration.Means),
                Maps = Pointer(calibration.Maps),
                Shifts = Pointer(calibration.Shifts),
            };
        }

        return blocks;
    }

    private static unsafe CalibratedHead HeadOf(NetworkPlan plan, in NetworkOperands step)
    {
        NetworkBatch batch = step.Batch;
        FeatureCalibration calibration = step.Calibration;
        return calibration.IsAbsent || calibration.Shape.BlockSize == 1
            ? default
            : new CalibratedHead
            {
                Loss = plan.Loss,
                Shape = calibration.Shape,
                Rows = (int)batch.Rows.Length,
                Packed = Pointer(calibration.Packed),
                LengthOfBin = PackedCalibration.LengthOfBin(calibration.Shape),
                Bins = Pointer(calibration.Bins),
                RowNumbers = Pointer(batch.Rows),
                AllTargets = Pointer(batch.Targets),
                AllWeights = Pointer(batch.Weights),
            };
    }

    // Blocks of rows go through the whole network and back; threads meet once, to sum their gradients.
    private unsafe double StepByRows(ref NetworkMemory memory, NetworkPlan plan, in ParameterStep update, float* gradient)
    {
        ref NetworkBlocks blocks = ref memory.Blocks;
        bool shared = (long)blocks.Rows * plan.ParameterLength > WorthSharing;
        blocks.PrepareHead();
        _team.Run(ref blocks, blocks.Parts, shared);
        if (blocks.Parts > 1 || !update.IsAbsent)
        {
            FoldGradientsJob fold = FoldOf(blocks, blocks.Gradients, gradient);
            fold.Update = update;
            _team.Run(ref fold, fold.Blocks, shared);
        }

        return blocks.SumLosses();
    }

    private static unsafe FoldGradientsJob FoldOf(in NetworkBlocks blocks, float* parts, float* gradient) => new()
    {
        Parts = parts,
        PartCount = blocks.Parts,
        PartLength = blocks.ParameterLength,
        PartsOfHalf = blocks.IsByBlocks ? blocks.CountOfHalf : 1,
        Sum = gradient,
        Length = (int)blocks.ParameterLength,
    };

    // Rows of the weights of wide layers have owners. Two threads may have copies of the first layer's parameters.
    private unsafe double StepByHalves(ref NetworkMemory memory, NetworkPlan plan, in ParameterStep update, float* gradient, ref bool isCopied)
    {
        if (_team.Size != NetworkHalves.Count || !_team.CallerGate.TryEnter())
        {
            isCopied = false;
            memory.Halves.Update = update;
            memory.Halves.Threads = _team.Size;
            return StepByHalves(ref memory, plan, update, gradient, isPair: false);
        }

        try
        {
            ParameterStep* copies = stackalloc ParameterStep[NetworkHalves.Count];
            isCopied = BeginHalves(ref memory.Halves, plan, update, isCopied, copies);
            return StepByHalves(ref memory, plan, update, gradient, isPair: memory.Halves.Network.Rows * plan.ParameterLength > WorthSharingHalves);
        }
        finally
        {
            _team.CallerGate.Exit();
        }
    }

    // Of two threads; whoever calls holds the gate. Returns whether they have copies of the first layer's parameters.
    private unsafe bool BeginHalves(ref NetworkHalves halves, NetworkPlan plan, in ParameterStep update, bool isCopied, ParameterStep* copies)
    {
        halves.Update = update;
        halves.Threads = NetworkHalves.Count;
        DenseLayer first = plan.LayerSpan[0];
        if (update.IsAbsent || !halves.HasFewInputs || !FirstLayerCopy.Takes(first.Outputs))
        {
            return false;
        }

        halves.CopiesFirst = !_firstLayer.Begin(update, first.Inputs, first.Outputs, isCopied, new Span<ParameterStep>(copies, NetworkHalves.Count));
        halves.PublishesFirst = true;
        halves.FirstUpdates = copies;
        return true;
    }

    private unsafe double StepByHalves(ref NetworkMemory memory, NetworkPlan plan, in ParameterStep update, float* gradient, bool isPair)
    {
        ref NetworkHalves halves = ref memory.Halves;
        bool isCalibrated = memory.Head.Rows > 0 || !memory.Blocks.Calibration.IsAbsent;
        int head = plan.Layers.Count - 1, last = isCalibrated ? head - 1 : head;
        double loss = 0;
        if (isCalibrated)
        {
            var job = new NetworkPairJob { Count = 1, IsForward = true, LastLayer = last };
            if (!isPair || !TryRunPair(ref halves, ref job))
            {
                RunForward(ref halves, plan, last);
                Run(ref halves, plan, head, (NetworkStage.Inputs, NetworkStage.Inputs));
            }

            loss = RunHead(ref memory, plan, update, gradient);
            job = new NetworkPairJob { Count = 1, IsBackward = true, LastLayer = last };
            if (!isPair || !TryRunPair(ref halves, ref job))
            {
                Run(ref halves, plan, last, (NetworkStage.Slopes, NetworkStage.Slopes));
                RunBackward(ref halves, plan, last);
            }
        }
        else
        {
            RunForward(ref halves, plan, last);
            if (_team.Size > NetworkHalves.Count)
            {
                halves.DifferentiateLoss(copy: 0);
            }

            RunBackward(ref halves, plan, last);
        }

        if (update.IsAbsent)
        {
            ClearBetween(plan, gradient);
        }

        return isCalibrated ? loss : *halves.LossOf(copy: 0);
    }

    // Both threads through all layers; false where the worker is late. Whoever calls holds the gate.
    private unsafe bool TryRunPair(ref NetworkHalves halves, ref NetworkPairJob job)
    {
        job.Halves = (NetworkHalves*)Unsafe.AsPointer(ref halves);
        job.FirstLayer = halves.HasFewInputs ? 1 : 0;
        job.Progress = new PairProgress(_pairProgress.Pointer, ++_pairs);
        job.Caller = Environment.CurrentManagedThreadId;
        _team.RunPair(ref job, follow: null, followed: null);
        return job.IsShared;
    }

    private void RunForward(ref NetworkHalves halves, NetworkPlan plan, int last)
    {
        bool inOne = _team.Size <= NetworkHalves.Count;
        int start = halves.HasFewInputs ? 1 : 0;
        if (halves.HasFewInputs && !inOne)
        {
            Run(ref halves, plan, 0, (NetworkStage.Inputs, NetworkStage.Inputs));
        }

        for (int l = start; l <= last; l++)
        {
            Run(ref halves, plan, l, inOne ? (NetworkStage.Forward, NetworkStage.Forward) : (NetworkStage.Inputs, NetworkStage.Products));
        }
    }

    private void RunBackward(ref NetworkHalves halves, NetworkPlan plan, int last)
    {
        bool inOne = _team.Size <= NetworkHalves.Count;
        int start = halves.HasFewInputs ? 1 : 0;
        for (int l = last; l >= start; l--)
        {
            Run(ref halves, plan, l, inOne ? (NetworkStage.Backward, NetworkStage.Backward) : (NetworkStage.Panels, NetworkStage.Parameters));
        }

        // One or two threads do so with the second layer, unless that is a calibrated head.
        if (halves.HasFewInputs && (!inOne || last == 0))
        {
            Run(ref halves, plan, 0, (NetworkStage.FirstParameters, NetworkStage.FirstParameters));
        }
    }

    private void Run(ref NetworkHalves halves, NetworkPlan plan, int layer, (NetworkStage First, NetworkStage Last) stages)
    {
        bool shared = halves.Network.Rows * plan.ParameterLength > WorthSharingHalves;
        halves.Layer = layer;
        for (halves.Stage = stages.First; halves.Stage <= stages.Last; halves.Stage++)
        {
            _team.Run(ref halves, halves.Blocks, shared);
        }
    }

    // The calibrated head of a network that goes by halves, row by row or bin by bin.
    private unsafe double RunHead(ref NetworkMemory memory, NetworkPlan plan, in ParameterStep update, float* gradient)
    {
        DenseLayer head = plan.Layers[^1];
        double loss;
        if (memory.Head.Rows > 0)
        {
            loss = RunCalibratedHead(ref memory, plan, shared: true, gradient);
        }
        else
        {
            ref NetworkBlocks blocks = ref memory.Blocks;
            _team.Run(ref blocks, blocks.Parts, (long)blocks.Rows * head.Inputs * head.Outputs > WorthSharing);
            loss = blocks.SumLosses();
            FoldGradientsJob fold = FoldOf(blocks, blocks.Gradients + head.WeightsAt, gradient + head.WeightsAt);
            _team.Run(ref fold, fold.Blocks, worthSharing: false);
        }

        if (!update.IsAbsent)
        {
            update.Apply(gradient + head.WeightsAt, head.WeightsAt, (int)(plan.ParameterLength - head.WeightsAt));
        }

        return loss;
    }

    // Between the arrays of parameters lie elements that nothing computes.
    private static unsafe void ClearBetween(NetworkPlan plan, float* gradient)
    {
        for (int l = 0; l < plan.Layers.Count; l++)
        {
            DenseLayer layer = plan.Layers[l];
            long weightsEnd = layer.WeightsAt + (long)layer.Inputs * layer.Outputs, biasEnd = layer.BiasAt + layer.Outputs;
            long end = l + 1 < plan.Layers.Count ? plan.Layers[l + 1].WeightsAt : plan.ParameterLength;
            new Span<float>(gradient + weightsEnd, (int)(layer.BiasAt - weightsEnd)).Clear();
            new Span<float>(gradient + biasEnd, (int)(end - biasEnd)).Clear();
        }
    }

    private unsafe double RunCalibratedHead(ref NetworkMemory memory, NetworkPlan plan, bool shared, float* gradient)
    {
        DenseLayer layer = plan.Layers[^1];
        ref CalibratedHead head = ref memory.Head;
        head.Prepare(memory.Blocks.Layers[memory.Blocks.LayerCount - 1].Weights);
        _team.Run(ref head, CalibratedHead.Chunks, shared);
        head.FoldGradients(gradient + layer.WeightsAt, gradient + layer.BiasAt);
        long weightsEnd = layer.WeightsAt + (long)layer.Inputs * layer.Outputs;
        new Span<float>(gradient + weightsEnd, (int)(layer.BiasAt - weightsEnd)).Clear();
        new Span<float>(gradient + layer.BiasAt + layer.Outputs, (int)(plan.ParameterLength - layer.BiasAt - layer.Outputs)).Clear();
        return Sum(head.Losses, CalibratedHead.Chunks);
    }

    private static unsafe double Sum(double* losses, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += losses[i];
        }

        return sum;
    }
}
