using System.Numerics;

namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <summary>Parameters of the largest network whose gradients, one for each block of rows, stay in the second-level cache.</summary>
    private const long MostFusedParameters = 24 * 1024;

    /// <summary>Wider layers have products that are worth sharing by themselves.</summary>
    private const int WidestFusedLayer = 512;

    /// <inheritdoc/>
    public bool TakesNetwork(NetworkPlan plan) =>
        plan.Layers.Count > 1 && plan.ParameterLength <= MostFusedParameters && plan.Layers.All(layer => Math.Max(layer.Inputs, layer.Outputs) <= WidestFusedLayer);

    /// <inheritdoc/>
    public unsafe void NetworkGradient(
        NetworkPlan plan,
        in NetworkBatch batch,
        in FeatureCalibration calibration,
        DeviceView<float> parameters,
        DeviceView<float> features,
        DeviceView<float> gradient,
        DeviceView<double> lossSum)
    {
        NetworkLayer* layers = stackalloc NetworkLayer[plan.Layers.Count];
        int rows = (int)batch.Rows.Length, blocks = DivideUp(rows, NetworkBlocks.RowsPerBlock);
        CalibratedHead head = default;
        NetworkBlocks job = LayOut(plan, batch, calibration, layers, Pointer(parameters), Pointer(features), Pointer(gradient), ref head);
        PackWeights(layers, plan.Layers.Count);
        long work = (long)rows * plan.ParameterLength;
        long folded = plan.ParameterLength;
        double loss = 0;
        if (calibration.IsAbsent || calibration.Shape.BlockSize == 1)
        {
            job.RunsForward = job.RunsHead = job.RunsBackward = true;
            _team.Run(ref job, blocks, work > WorthSharing);
            loss = SumLosses(job.Losses, blocks);
        }
        else
        {
            folded = plan.Layers[^1].WeightsAt;
            loss = RunCalibrated(ref job, ref head, blocks, work > WorthSharing, plan, Pointer(gradient));
        }

        if (blocks > 1)
        {
            var fold = new FoldGradientsJob { Parts = job.Gradients, PartCount = blocks, PartLength = plan.ParameterLength, Length = (int)folded, Sum = Pointer(gradient) };
            _team.Run(ref fold, DivideUp(fold.Length, FoldGradientsJob.ElementsPerBlock), work > WorthSharing);
        }

        *Pointer(lossSum) += loss;
        KeepAlive(calibration);
        GC.KeepAlive(batch.Inputs.Buffer);
        GC.KeepAlive(batch.Targets.Buffer);
        GC.KeepAlive(batch.Weights.Buffer);
        GC.KeepAlive(batch.Rows.Buffer);
        GC.KeepAlive(parameters.Buffer);
        GC.KeepAlive(features.Buffer);
        GC.KeepAlive(gradient.Buffer);
        GC.KeepAlive(lossSum.Buffer);
    }

    private static unsafe double SumLosses(double* losses, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += losses[i];
        }

        return sum;
    }

    private static void KeepAlive(in FeatureCalibration calibration)
    {
        GC.KeepAlive(calibration.Bins.Buffer);
        GC.KeepAlive(calibration.Order.Buffer);
        GC.KeepAlive(calibration.Means.Buffer);
        GC.KeepAlive(calibration.Maps.Buffer);
        GC.KeepAlive(calibration.Shifts.Buffer);
    }

    // The head behind calibration goes bin by bin over the whole batch: the step is cut before and behind it.
    private unsafe double RunCalibrated(ref NetworkBlocks job, ref CalibratedHead head, int blocks, bool shared, NetworkPlan plan, float* gradient)
    {
        DenseLayer layer = plan.Layers[^1];
        for (int t = 0; t < layer.Outputs; t++)
        {
            for (int k = 0; k < layer.Inputs; k++)
            {
                head.Weights[t * TriangularVector.Room(head.Shape) + k] = job.Layers[job.LayerCount - 1].Weights[(long)k * layer.Outputs + t];
            }
        }

        job.RunsForward = true;
        _team.Run(ref job, blocks, shared);
        _team.Run(ref head, CalibratedHead.Chunks, shared);
        job.RunsForward = false;
        job.RunsBackward = true;
        _team.Run(ref job, blocks, shared);
        head.FoldGradients(gradient + layer.WeightsAt, gradient + layer.BiasAt);
        new Span<float>(gradient + layer.WeightsAt + (long)layer.Inputs * layer.Outputs, (int)(layer.BiasAt - layer.WeightsAt - (long)layer.Inputs * layer.Outputs)).Clear();
        new Span<float>(gradient + layer.BiasAt + layer.Outputs, (int)(plan.ParameterLength - layer.BiasAt - layer.Outputs)).Clear();
        return SumLosses(head.Losses, CalibratedHead.Chunks);
    }

    // Addresses of everything a step needs. The first pass over the pieces counts, the second one hands them out.
    private static unsafe NetworkBlocks LayOut(
        NetworkPlan plan, in NetworkBatch batch, in FeatureCalibration calibration, NetworkLayer* layers, float* parameters, float* features, float* gradient, ref CalibratedHead head)
    {
        int rows = (int)batch.Rows.Length, blocks = DivideUp(rows, NetworkBlocks.RowsPerBlock);
        var job = new NetworkBlocks
        {
            Activation = plan.Activation,
            Loss = plan.Loss,
            DropoutRate = plan.Dropout,
            DropoutStream = batch.DropoutStream,
            Layers = layers,
            LayerCount = plan.Layers.Count,
            Rows = rows,
            AllInputs = Pointer(batch.Inputs),
            AllTargets = Pointer(batch.Targets),
            AllWeights = Pointer(batch.Weights),
            RowNumbers = Pointer(batch.Rows),
            ParameterLength = plan.ParameterLength,
        };
        if (!calibration.IsAbsent && calibration.Shape.BlockSize == 1)
        {
            job.Calibration = new RowCalibration
            {
                Dimensions = plan.FeatureDimensions,
                Bins = Pointer(calibration.Bins),
                Means = Pointer(calibration.Means),
                Maps = Pointer(calibration.Maps),
                Shifts = Pointer(calibration.Shifts),
            };
        }

        var counted = new ScratchPieces(null);
        Place(ref job, ref counted, plan, blocks, parameters, features, gradient);
        Place(ref head, ref counted, calibration, job);
        var given = new ScratchPieces(ScratchMemory.RequestOuter<float>(counted.Length));
        Place(ref job, ref given, plan, blocks, parameters, features, gradient);
        Place(ref head, ref given, calibration, job);
        return job;
    }

    private static unsafe void Place(
        ref NetworkBlocks job, ref ScratchPieces pieces, NetworkPlan plan, int blocks, float* parameters, float* features, float* gradient)
    {
        int rows = job.Rows, last = plan.Layers.Count - 1;
        job.Inputs = pieces.Take((long)rows * plan.Inputs);
        job.Widest = 0;
        job.GradientPanelsLength = 0;
        for (int l = 0; l <= last; l++)
        {
            DenseLayer layer = plan.Layers[l];
            NetworkLayer place = NetworkLayer.Of(layer, parameters);
            place.End = l == last ? plan.ParameterLength : plan.Layers[l + 1].WeightsAt;
            long count = (long)rows * layer.Outputs;
            if (layer.Outputs > 1)
            {
                MatrixProduct forward = place.Forward(null, rows, null), dWeights = place.WeightGradient(null, null, NetworkBlocks.RowsPerBlock, null);
                place.Panels = forward.ReadsInPlace ? null : pieces.Take(forward.PackedLength);
                place.TransposedPanels = l == 0 ? null : pieces.Take(place.Backward(null, rows, null).PackedLength);
                job.GradientPanelsLength = Math.Max(job.GradientPanelsLength, dWeights.ReadsInPlace ? 0 : ScratchPieces.WholeLines(dWeights.PackedLength));
            }

            if (l < last)
            {
                // The features are the caller's, where they are wanted.
                float* wanted = l == last - 1 ? features : null;
                bool drops = plan.Dropout > 0;
                place.PreActivation = plan.Activation is Activation.Gelu or Activation.Silu ? pieces.Take(count) : null;
                place.Activated = wanted == null || drops ? pieces.Take(count) : wanted;
                place.Output = drops ? wanted == null ? pieces.Take(count) : wanted : place.Activated;
                job.Widest = Math.Max(job.Widest, layer.Outputs);
            }

            job.Layers[l] = place;
        }

        long featureCount = (long)rows * plan.FeatureDimensions;
        job.HeadInputs = job.Calibration.IsAbsent ? job.Layers[last - 1].Output : pieces.Take(featureCount);
        job.FeatureGradient = pieces.Take(featureCount);
        job.Predictions = pieces.Take((long)rows * plan.Targets);
        job.Flow = last > 1 ? pieces.Take(2L * rows * job.Widest) : null;
        job.GradientPanels = pieces.Take(blocks * job.GradientPanelsLength);
        job.Gradients = blocks == 1 ? gradient : pieces.Take(blocks * job.ParameterLength);
        job.Losses = (double*)pieces.Take(2L * blocks);
    }

    private static unsafe void Place(ref CalibratedHead head, ref ScratchPieces pieces, in FeatureCalibration calibration, in NetworkBlocks job)
    {
        if (calibration.IsAbsent || !job.Calibration.IsAbsent)
        {
            return;
        }

        NetworkLayer* layer = job.Layers + job.LayerCount - 1;
        int targets = layer->Outputs, room = TriangularVector.Room(calibration.Shape);
        head = new CalibratedHead
        {
            Loss = job.Loss,
            Shape = calibration.Shape,
            Targets = targets,
            Rows = job.Rows,
            Weights = pieces.Take((long)targets * room),
            Bias = layer->Bias,
            Means = Pointer(calibration.Means),
            Maps = Pointer(calibration.Maps),
            Shifts = Pointer(calibration.Shifts),
            Bins = Pointer(calibration.Bins),
            Order = Pointer(calibration.Order),
            RowNumbers = job.RowNumbers,
            AllTargets = job.AllTargets,
            AllWeights = job.AllWeights,
            Features = layer[-1].Output,
            FeatureGradient = job.FeatureGradient,
            WeightGradients = pieces.Take((long)CalibratedHead.Chunks * targets * room),
            BiasGradients = pieces.Take((long)CalibratedHead.Chunks * targets),
            Losses = (double*)pieces.Take(2L * CalibratedHead.Chunks),
            Scratch = pieces.Take(CalibratedHead.Chunks * CalibratedHead.ScratchOfChunk(calibration.Shape, targets)),
        };
    }

    private static unsafe void PackWeights(NetworkLayer* layers, int count)
    {
        for (int l = 0; l < count; l++)
        {
            ref NetworkLayer layer = ref layers[l];
            if (layer.Panels != null)
            {
                layer.Forward(null, 1, null).Pack(layer.Panels);
            }

            if (layer.TransposedPanels != null)
            {
                layer.Backward(null, 1, null).Pack(layer.TransposedPanels);
            }
        }
    }

    /// <summary>Runs of whole cache lines out of one block of memory; without a block it only counts them.</summary>
    private unsafe struct ScratchPieces(float* start)
    {
        /// <summary>Elements that were taken.</summary>
        public long Length { get; private set; }

        public static long WholeLines(long count) => (count + 15) / 16 * 16;

        public float* Take(long count)
        {
            float* piece = start + Length;
            Length += WholeLines(count);
            return piece;
        }
    }

    private unsafe struct FoldGradientsJob : IBlockJob
    {
        public const int ElementsPerBlock = 2048;

        public float* Parts;
        public int PartCount;
        public long PartLength;
        public int Length;
        public float* Sum;

        public readonly void Run(int block)
        {
            int i = block * ElementsPerBlock, end = Math.Min(Length, i + ElementsPerBlock);
            for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector<float> sum = Vector.Load(Parts + i);
                for (int part = 1; part < PartCount; part++)
                {
                    sum += Vector.Load(Parts + part * PartLength + i);
                }

                sum.Store(Sum + i);
            }

            for (; i < end; i++)
            {
                float sum = Parts[i];
                for (int part = 1; part < PartCount; part++)
                {
                    sum += Parts[part * PartLength + i];
                }

                Sum[i] = sum;
            }
        }
    }
}
