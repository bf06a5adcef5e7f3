using System.Numerics;
using System.Numerics.Tensors;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// A batch that goes layer by layer through a wide network and back, where each half of the rows of a layer's weights has an owner: the thread that multiplies with them forwards and backwards,
/// sums their gradient and updates them. Weights and moments never travel between threads; what does is half of a layer's outputs once, and half of their slopes.
/// </summary>
/// <remarks>
/// <para>
/// Row k of the weights belongs to input k. An owner has half of what enters a layer and multiplies it with its rows; the outputs are the sum of the two products. Slopes are the gradient
/// of the loss with respect to the arguments of a layer's activation. Halves, and so the bits, are the same for every number of threads.
/// </para>
/// <para>
/// Activations and slopes lie feature by feature: [lanes of samples][features][samples of a lane], with as many samples side by side as a tile of the product covers, so that they are the second factor of every
/// product where they lie and weights the first one, which takes any strides: nothing is packed but slopes, once a layer. Half of the features of a lane is one run of memory: processors fetch what lies behind what they
/// read, and should not fetch what another thread writes.
/// </para>
/// <para>With one or two threads a layer is one job of two blocks in each direction. With more, several share a half and a layer takes more jobs.</para>
/// </remarks>
internal unsafe struct NetworkHalves : IBlockJob
{
    public const int Count = 2;

    /// <summary>Rows of weights whose gradient is made at a time, and used by the optimiser while it is near: four tiles.</summary>
    private const int GradientRows = 4 * MatrixProduct.TileRows;

    /// <summary>Chunks of a half's features that threads share when there are more of them than halves.</summary>
    private const int MostChunks = 8;

    /// <summary>The batch and the layers; inputs, activations and outputs lie feature by feature.</summary>
    public NetworkBlocks Network;

    public ParameterStep Update;

    /// <summary>[parameters], written where nothing is updated.</summary>
    public float* Gradient;

    /// <summary>[2][half of the inputs][outputs x samples] products of two layers in turn.</summary>
    public float* Parts;

    /// <summary>[2][outputs x samples] slopes of two layers in turn.</summary>
    public float* Slopes;

    /// <summary>[2][targets x samples] slopes of the head, for each of two threads.</summary>
    public float* HeadSlopes;

    /// <summary>[2][outputs in whole panels x n] slopes of a layer in panels, for each of two threads.</summary>
    public float* SlopePanels;

    /// <summary>Elements of a layer's outputs, and of its slopes, in the largest layer.</summary>
    public long LayerLength;

    /// <summary>[n x D] the features row by row, or null where nobody looks at them.</summary>
    public float* Features;

    /// <summary>Weighted loss of the batch.</summary>
    public double* Loss;

    /// <summary>Threads.</summary>
    public int Threads;

    public int Layer;

    public NetworkStage Stage;

    /// <summary>Samples side by side: the columns of a tile.</summary>
    public static int LaneWidth => MatrixProduct.PanelsOfTile * MatrixProduct.PanelWidth;

    /// <summary>Blocks of the current stage.</summary>
    public readonly int Blocks => Stage switch
    {
        NetworkStage.Panels => ChunksOf(Current.Outputs),
        NetworkStage.Products => Count * ChunksOf(Current.Outputs),
        NetworkStage.Parameters => Count * DivideUp(Current.Inputs, GradientRows),
        NetworkStage.Slopes => Threads <= Count ? Count : Count * ChunksOf(Current.Outputs),
        NetworkStage.Inputs or NetworkStage.InputGradient => Threads <= Count ? Count : Count * ChunksOf(Current.Inputs),
        _ => Count,
    };

    private readonly ref NetworkLayer Current => ref Network.Layers[Layer];

    private readonly bool IsHead => Layer == Network.LayerCount - 1;

    private readonly int Lanes => DivideUp(Network.Rows, LaneWidth);

    /// <summary>Samples in whole panels, which is what a last lane has room for.</summary>
    public static int SamplesWithRoom(int rows) => DivideUp(rows, MatrixProduct.PanelWidth) * MatrixProduct.PanelWidth;

    /// <summary>Elements of the slopes of the head.</summary>
    public static long HeadLength(int rows, int targets) => ScratchPieces.WholeLines((long)SamplesWithRoom(rows) * targets);

    public readonly void Run(int block)
    {
        int chunks = Blocks / Count, half = block / Math.Max(chunks, 1), chunk = block % Math.Max(chunks, 1);
        switch (Stage)
        {
            case NetworkStage.Forward:
                FillInputs(HalfOf(Current.Inputs, block));
                Multiply(block, (0, Current.Outputs));
                break;
            case NetworkStage.Backward:
                Backward(block);
                break;
            case NetworkStage.Products:
                Multiply(half, ChunkOf((0, Current.Outputs), chunk, chunks));
                break;
            case NetworkStage.Panels:
                FillPanels(block, Blocks);
                break;
            case NetworkStage.Parameters:
                SumParameterGradients(half, chunk, chunk + 1);
                break;
            case NetworkStage.InputGradient:
                DifferentiateInputs(0, ChunkOf(HalfOf(Current.Inputs, half), chunk, chunks));
                break;
            case NetworkStage.Slopes:
                FillSlopes(ChunkOf(HalfOf(Current.Outputs, half), chunk, chunks));
                break;
            default:
                FillInputs(ChunkOf(HalfOf(Current.Inputs, half), chunk, chunks));
                break;
        }
    }

    private readonly void Backward(int half)
    {
        int copy = CopyOf(half);
        if (copy == half)
        {
            if (IsHead)
            {
                DifferentiateLoss(copy);
            }

            PackSlopes(copy, 0, WholePanels(Current.Outputs));
        }

        DifferentiateInputs(copy, HalfOf(Current.Inputs, half));
        SumParameterGradients(half, 0, int.MaxValue);
    }

    private static int DivideUp(int count, int size) => (count + size - 1) / size;

    private static int WholePanels(int columns) => DivideUp(columns, MatrixProduct.PanelWidth);

    // Halves in whole registers; of a few features the second one is empty.
    private static (int First, int End) HalfOf(int features, int half)
    {
        const int Register = 8;

        int middle = Math.Min(DivideUp(features, 2 * Register) * Register, features);
        return half == 0 ? (0, middle) : (middle, features);
    }

    private static int ChunksOf(int features) => Math.Min(MostChunks, DivideUp(features, MatrixProduct.TileRows));

    private static (int First, int End) ChunkOf((int First, int End) range, int chunk, int chunks)
    {
        int tiles = DivideUp(range.End - range.First, MatrixProduct.TileRows);
        int first = range.First + tiles * chunk / chunks * MatrixProduct.TileRows, end = range.First + tiles * (chunk + 1) / chunks * MatrixProduct.TileRows;
        return (Math.Min(first, range.End), Math.Min(end, range.End));
    }

    // Samples of a lane and the room there is for them.
    private readonly int SamplesOf(int lane) => Math.Min(LaneWidth, Network.Rows - lane * LaneWidth);

    private readonly int RoomOf(int lane) => Math.Min(LaneWidth, SamplesWithRoom(Network.Rows) - lane * LaneWidth);

    // First element of a feature in a lane of a matrix of so many features.
    private readonly long At(int features, int lane, int feature) => (long)features * lane * LaneWidth + (long)feature * RoomOf(lane);

    private readonly float* CurrentInputs => Layer == 0 ? Network.Inputs : Network.Layers[Layer - 1].Output;

    private readonly float* PartOf(int layer, int half) => Parts + ((layer & 1) * Count + half) * LayerLength;

    private readonly float* SlopesOf(int layer, int copy) =>
        layer == Network.LayerCount - 1 ? HeadSlopes + copy * HeadLength(Network.Rows, Network.Layers[layer].Outputs) : Slopes + (layer & 1) * LayerLength;

    // Each of two threads has slopes in panels, and those of the head, of its own; one thread alone makes them once, and more share them.
    private readonly int CopyOf(int half) => Threads == Count ? half : 0;

    private readonly void FillInputs((int First, int End) features)
    {
        if (Layer == 0)
        {
            Gather(features);
        }
        else
        {
            FillOutputs(features);
        }
    }

    private readonly void Gather((int First, int End) features)
    {
        int width = features.End - features.First, columns = Current.Inputs;
        float* rows = ScratchMemory.Request<float>((long)LaneWidth * width);
        for (int lane = 0; lane < Lanes; lane++)
        {
            int samples = SamplesOf(lane), room = RoomOf(lane);
            for (int i = 0; i < samples; i++)
            {
                float* from = Network.AllInputs + (long)Network.RowNumbers[lane * LaneWidth + i] * columns + features.First;
                new ReadOnlySpan<float>(from, width).CopyTo(new Span<float>(rows + (long)i * width, width));
            }

            new Span<float>(rows + (long)samples * width, (room - samples) * width).Clear();
            TransposedMatrix.Copy(rows, width, room, width, Network.Inputs + At(columns, lane, features.First), room);
        }
    }

    // Outputs of the layer before from its two products: bias, activation, dropout.
    private readonly void FillOutputs((int First, int End) features)
    {
        int l = Layer - 1;
        ref NetworkLayer layer = ref Network.Layers[l];
        ulong stream = CounterRandom.Stream(Network.DropoutStream, (ulong)l);
        for (int lane = 0; lane < Lanes; lane++)
        {
            int room = RoomOf(lane), count = (features.End - features.First) * room;
            long at = At(layer.Outputs, lane, features.First);
            float* activated = layer.Activated + at, pre = layer.PreActivation == null ? activated : layer.PreActivation + at, output = layer.Output + at;
            AddParts(PartOf(l, 0) + at, PartOf(l, 1) + at, layer.Bias + features.First, features.End - features.First, room, pre);
            ActivationFormula.Apply(Network.Activation, pre, activated, count);
            for (int i = 0; Network.DropoutRate > 0 && i < count; i += room)
            {
                long element = (long)lane * LaneWidth * layer.Outputs + features.First + i / room;
                DropoutFormula.Apply(activated + i, Network.DropoutRate, stream, element, layer.Outputs, output + i, room);
            }

            // The features lie row by row for whoever looks at them.
            if (IsHead && Features != null)
            {
                TransposedMatrix.Copy(output, room, features.End - features.First, SamplesOf(lane), Features + (long)lane * LaneWidth * layer.Outputs + features.First, layer.Outputs);
            }
        }
    }

    // sum[j, i] = left[j, i] + right[j, i] + bias[j]; rows of whole registers.
    private static void AddParts(float* left, float* right, float* bias, int rows, int width, float* sum)
    {
        for (int j = 0; j < rows; j++)
        {
            var offset = new Vector<float>(bias[j]);
            for (int i = 0; i < width; i += Vector<float>.Count, left += Vector<float>.Count, right += Vector<float>.Count, sum += Vector<float>.Count)
            {
                (Vector.Load(left) + Vector.Load(right) + offset).Store(sum);
            }
        }
    }

    // A half of the inputs times its rows of the weights, for some outputs.
    private readonly void Multiply(int half, (int First, int End) outputs)
    {
        ref NetworkLayer layer = ref Current;
        (int first, int end) = HalfOf(layer.Inputs, half);
        for (int lane = 0; lane < Lanes; lane++)
        {
            int room = RoomOf(lane);
            float* x = CurrentInputs + At(layer.Inputs, lane, first), part = PartOf(Layer, half) + At(layer.Outputs, lane, outputs.First);
            if (layer.Outputs == 1)
            {
                RowSums.Combine(x, layer.Weights + first, end - first, room, part);
                continue;
            }

            new MatrixProduct
            {
                A = layer.Weights + (long)first * layer.Outputs + outputs.First,
                ARowStride = 1,
                AColumnStride = layer.Outputs,
                B = x,
                BRowStride = room,
                BColumnStride = 1,
                C = part,
                Rows = outputs.End - outputs.First,
                Columns = room,
                Depth = end - first,
                Activated = part,
            }.RunAlone(null);
        }
    }

    private readonly void FillPanels(int share, int shares)
    {
        int panels = WholePanels(Current.Outputs);
        PackSlopes(0, panels * share / shares, panels * (share + 1) / shares);
    }

    /// <summary>The weighted loss, and its gradient with respect to the predictions as the slopes of the head.</summary>
    /// <param name="copy">Whose slopes.</param>
    public readonly void DifferentiateLoss(int copy)
    {
        ref NetworkLayer head = ref Network.Layers[Network.LayerCount - 1];
        int targets = head.Outputs;
        float share = 1f / ((long)Network.Rows * targets);
        double sum = 0;
        for (int lane = 0; lane < Lanes; lane++)
        {
            int samples = SamplesOf(lane), room = RoomOf(lane);
            for (int t = 0; t < targets; t++)
            {
                long at = At(targets, lane, t);
                float* left = PartOf(Network.LayerCount - 1, 0) + at, right = PartOf(Network.LayerCount - 1, 1) + at, slopes = SlopesOf(Network.LayerCount - 1, copy) + at;
                for (int i = 0; i < samples; i++)
                {
                    long row = Network.RowNumbers[lane * LaneWidth + i];
                    float weight = Network.AllWeights == null ? 1 : Network.AllWeights[row];
                    sum += (double)weight * Network.Loss.Evaluate(left[i] + right[i] + head.Bias[t] - Network.AllTargets[row * targets + t], out float derivative);
                    slopes[i] = weight * derivative * share;
                }

                new Span<float>(slopes + samples, room - samples).Clear();
            }
        }

        *Loss = sum / targets;
    }

    private readonly float* PanelsOf(int copy) => SlopePanels + copy * LayerLength;

    // [n x outputs] slopes in panels, the second factor of the gradient of the weights.
    private readonly void PackSlopes(int copy, int firstPanel, int endPanel)
    {
        int outputs = Current.Outputs, width = MatrixProduct.PanelWidth;
        for (int panel = outputs == 1 ? endPanel : firstPanel; panel < endPanel; panel++)
        {
            int first = panel * width, columns = Math.Min(width, outputs - first);
            float* to = PanelsOf(copy) + (long)first * Network.Rows;
            if (columns < width)
            {
                new Span<float>(to, width * Network.Rows).Clear();
            }

            for (int lane = 0; lane < Lanes; lane++, to += (long)width * LaneWidth)
            {
                TransposedMatrix.Copy(SlopesOf(Layer, copy) + At(outputs, lane, first), RoomOf(lane), columns, SamplesOf(lane), to, width);
            }
        }
    }

    // Slopes times the transposed weights: of some inputs, and so the slopes of the layer before.
    private readonly void DifferentiateInputs(int copy, (int First, int End) inputs)
    {
        ref NetworkLayer layer = ref Current;
        for (int lane = 0; Layer > 0 && lane < Lanes; lane++)
        {
            int room = RoomOf(lane);
            float* slopes = SlopesOf(Layer, copy) + At(layer.Outputs, lane, 0), before = SlopesOf(Layer - 1, 0) + At(layer.Inputs, lane, inputs.First);
            if (layer.Outputs == 1)
            {
                RowSums.Spread(layer.Weights + inputs.First, inputs.End - inputs.First, slopes, room, before);
                continue;
            }

            new MatrixProduct
            {
                A = layer.Weights + (long)inputs.First * layer.Outputs,
                ARowStride = layer.Outputs,
                AColumnStride = 1,
                B = slopes,
                BRowStride = room,
                BColumnStride = 1,
                C = before,
                Rows = inputs.End - inputs.First,
                Columns = room,
                Depth = layer.Outputs,
                Activated = before,
            }.RunAlone(null);
        }

        if (Layer > 0)
        {
            DifferentiateActivation(Layer - 1, inputs);
        }
    }

    // Slopes of the last hidden layer from the gradient of the features, row by row.
    private readonly void FillSlopes((int First, int End) features)
    {
        int d = Current.Outputs, width = features.End - features.First;
        for (int lane = 0; lane < Lanes; lane++)
        {
            int samples = SamplesOf(lane), room = RoomOf(lane);
            float* to = SlopesOf(Layer, 0) + At(d, lane, features.First);
            if (samples < room)
            {
                new Span<float>(to, width * room).Clear();
            }

            TransposedMatrix.Copy(Network.FeatureGradient + (long)lane * LaneWidth * d + features.First, d, samples, width, to, room);
        }

        DifferentiateActivation(Layer, features);
    }

    // Gradients of a layer's outputs become its slopes.
    private readonly void DifferentiateActivation(int l, (int First, int End) features)
    {
        ref NetworkLayer layer = ref Network.Layers[l];
        ulong stream = CounterRandom.Stream(Network.DropoutStream, (ulong)l);
        for (int lane = 0; lane < Lanes; lane++)
        {
            int room = RoomOf(lane), count = (features.End - features.First) * room;
            long at = At(layer.Outputs, lane, features.First);
            float* slopes = SlopesOf(l, 0) + at;
            for (int i = 0; Network.DropoutRate > 0 && i < count; i += room)
            {
                long element = (long)lane * LaneWidth * layer.Outputs + features.First + i / room;
                DropoutFormula.Apply(slopes + i, Network.DropoutRate, stream, element, layer.Outputs, slopes + i, room);
            }

            ActivationFormula.Gradient(Network.Activation, layer.PreActivation + at, layer.Activated + at, slopes, slopes, count);
        }
    }

    // Gradients of the weights of a half of the inputs, some rows at a time; and of the biases of a half of the outputs.
    private readonly void SumParameterGradients(int half, int firstGroup, int endGroup)
    {
        ref NetworkLayer layer = ref Current;
        (int first, int end) = HalfOf(layer.Inputs, half);
        float* run = ScratchMemory.Request<float>((long)GradientRows * (layer.Outputs + Network.Rows));
        endGroup = Math.Min(endGroup, DivideUp(end - first, GradientRows));
        for (int group = firstGroup; group < endGroup; group++)
        {
            int input = first + group * GradientRows, rows = Math.Min(GradientRows, end - input);
            float* x = SideBySide(input, rows, run + (long)GradientRows * layer.Outputs, out int stride);
            if (layer.Outputs == 1)
            {
                for (int row = 0; row < rows; row++)
                {
                    RowSums.Dot(x + (long)row * stride, 1, Network.Rows, SlopesOf(Layer, CopyOf(half)), 0, run + row);
                }
            }
            else
            {
                new MatrixProduct
                {
                    A = x,
                    ARowStride = stride,
                    AColumnStride = 1,
                    C = run,
                    Rows = rows,
                    Columns = layer.Outputs,
                    Depth = Network.Rows,
                    Activated = run,
                }.RunAlone(PanelsOf(CopyOf(half)));
            }

            Take(run, layer.WeightsAt + (long)input * layer.Outputs, rows * layer.Outputs);
        }

        if (firstGroup == 0)
        {
            (int firstOutput, int endOutput) = HalfOf(layer.Outputs, half);
            SumBiasGradients(half, firstOutput, endOutput, run);
            Take(run, layer.BiasAt + firstOutput, endOutput - firstOutput);
        }
    }

    // Some features of all samples, those of one after those of the other.
    private readonly float* SideBySide(int feature, int count, float* room, out int stride)
    {
        int features = Current.Inputs;
        if (Lanes == 1)
        {
            stride = RoomOf(0);
            return CurrentInputs + At(features, 0, feature);
        }

        stride = Network.Rows;
        for (int lane = 0; lane < Lanes; lane++)
        {
            int samples = SamplesOf(lane);
            float* from = CurrentInputs + At(features, lane, feature);
            for (int j = 0; j < count; j++)
            {
                new ReadOnlySpan<float>(from + (long)j * RoomOf(lane), samples).CopyTo(new Span<float>(room + (long)j * stride + lane * LaneWidth, samples));
            }
        }

        return room;
    }

    private readonly void SumBiasGradients(int half, int first, int end, float* sums)
    {
        for (int j = first; j < end; j++)
        {
            float sum = 0;
            for (int lane = 0; lane < Lanes; lane++)
            {
                sum += TensorPrimitives.Sum(new ReadOnlySpan<float>(SlopesOf(Layer, CopyOf(half)) + At(Current.Outputs, lane, j), SamplesOf(lane)));
            }

            sums[j - first] = sum;
        }
    }

    private readonly void Take(float* gradient, long at, int count)
    {
        if (Update.IsAbsent)
        {
            new ReadOnlySpan<float>(gradient, count).CopyTo(new Span<float>(Gradient + at, count));
        }
        else
        {
            Update.Apply(gradient, at, count);
        }
    }
}
