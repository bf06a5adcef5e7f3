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
/// Activations and slopes lie feature by feature, see <see cref="SampleLanes"/>, so that they are the second factor of every
/// product where they lie and weights the first one, which takes any strides: nothing is packed but slopes, once a layer. Half of the features of a lane is one run of memory: processors fetch what lies behind what they
/// read, and should not fetch what another thread writes.
/// </para>
/// <para>
/// What one of two threads makes for the other lies where the other reads it: products where they belong and slopes in the other's own copy, stored past the caches where the two may have none in common:
/// a line that the other has read before would have to be asked for, which takes a core half a microsecond then, of some fifty lines at a time. For the same reason what a thread reads lies in an area of its own, apart
/// from what the other one writes by more than a processor fetches ahead.
/// </para>
/// <para>A first layer of few inputs is shared by its outputs instead. Two threads go through their halves by themselves, see <see cref="NetworkPairJob"/>; with one, or where the worker is late, a layer is one job of two blocks in each direction. With more, several share a half and a layer takes more jobs.</para>
/// </remarks>
internal unsafe partial struct NetworkHalves : IBlockJob
{
    public const int Count = 2;

    /// <summary>Rows of weights whose gradient is made at a time, and used by the optimiser while it is near: four tiles.</summary>
    private const int GradientRows = 4 * MatrixProduct.TileRows;

    /// <summary>Chunks of a half's features that threads share when there are more of them than halves.</summary>
    private const int MostChunks = 8;

    /// <summary>More rows than a processor fetches ahead of those that are read: it was seen to take fourteen.</summary>
    public const int MostTurnedRows = 16;

    /// <summary>Slopes of so many layers are kept: while a thread makes those of a layer for the other one too, that may still need those of the next two.</summary>
    public const int LayersInTurn = 3;

    /// <summary>Rows of slopes that are handed over at a time: two tiles, whose stores have the time of the next two.</summary>
    private const int RowsHandedOver = 2 * MatrixProduct.TileRows;

    /// <summary>Elements between the areas of two threads. A processor was seen to take between 4 and 16 KB behind a run of memory that another one had just written.</summary>
    public const long GapLength = 4096;

    /// <summary>Elements from an area to the other one.</summary>
    public long AreaLength;

    /// <summary>The batch and the layers; what they keep of it is a half of the features in each area, feature by feature.</summary>
    public NetworkBlocks Network;

    /// <summary>In each area a half of what enters the first layer, or of few inputs all: [inputs x samples].</summary>
    public float* Inputs;

    public ParameterStep Update;

    /// <summary>[2] the step of each half of the first layer where it has a copy of its parameters, see <see cref="FirstLayerCopy"/>; null for none.</summary>
    public ParameterStep* FirstUpdates;

    /// <summary>Whether those copies are to be taken anew.</summary>
    public bool CopiesFirst;

    /// <summary>Whether the caller's buffers receive what becomes of them: behind the last of several steps.</summary>
    public bool PublishesFirst;

    /// <summary>[parameters], written where nothing is updated.</summary>
    public float* Gradient;

    /// <summary>In each area [2][half of the inputs][half of the outputs x samples] products of two layers in turn.</summary>
    public float* Parts;

    /// <summary>Elements of a product of half of the inputs for half of the outputs, in the largest layer.</summary>
    public long PartLength;

    /// <summary>In each area [half of the inputs][targets x samples] products of the head.</summary>
    public float* HeadParts;

    /// <summary>In each area [<see cref="LayersInTurn"/>][outputs x samples] slopes of some layers in turn, all of them.</summary>
    public float* Slopes;

    /// <summary>In each area [targets x samples] slopes of the head.</summary>
    public float* HeadSlopes;

    /// <summary>In each area [half of the targets] biases of the head before this step moves them: one thread may do so while the other still needs them for the loss.</summary>
    public float* HeadBias;

    /// <summary>In each area [<see cref="LayersInTurn"/>][outputs in whole panels x n] slopes in panels of some layers in turn.</summary>
    public float* SlopePanels;

    /// <summary>In each area [half of the first layer's outputs in whole panels x n] their slopes in panels.</summary>
    public float* FirstPanels;

    /// <summary>Elements of the slopes of the largest layer.</summary>
    public long LayerLength;

    /// <summary>[n x D] the features row by row, or null where nobody looks at them.</summary>
    public float* Features;

    /// <summary>In each area the weighted loss of the batch.</summary>
    public double* Loss;

    /// <summary>Threads.</summary>
    public int Threads;

    public int Layer;

    public NetworkStage Stage;

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

    private readonly SampleLanes Lanes => new(Network.Rows);

    /// <summary>Another batch of the same table, of no more rows.</summary>
    /// <param name="batches">All batches; this is the first one.</param>
    /// <param name="batch">Which one.</param>
    /// <param name="isLast">Whether no other one follows.</param>
    public readonly NetworkHalves OfBatch(in NetworkRun batches, int batch, bool isLast)
    {
        NetworkHalves halves = this;
        halves.Network = Network.OfBatch(batches, batch);
        halves.Features += Features == null ? 0 : (long)batch * batches.BatchRows * Network.Layers[Network.LayerCount - 1].Inputs;
        halves.Update = Update.IsAbsent ? Update : Update.Of(batches.StepOf(batch));
        halves.CopiesFirst &= batch == 0;
        halves.PublishesFirst = isLast;
        return halves;
    }

    /// <summary>Elements of the slopes of the head.</summary>
    public static long HeadLength(int rows, int targets) => ScratchPieces.WholeLines((long)new SampleLanes(rows).SamplesWithRoom * targets);

    public readonly void Run(int block)
    {
        int chunks = Blocks / Count, half = block / Math.Max(chunks, 1), chunk = block % Math.Max(chunks, 1);
        switch (Stage)
        {
            case NetworkStage.Forward:
                FillInputs(block);
                Multiply(block, (0, Current.Outputs));
                break;
            case NetworkStage.Backward:
                Backward(block);
                break;
            case NetworkStage.Products:
                Multiply(half, ChunkOf((0, Current.Outputs), chunk, chunks));
                break;
            case NetworkStage.FirstParameters:
                SumFirstGradients(block);
                break;
            case NetworkStage.Panels:
                FillPanels(block, Blocks);
                break;
            case NetworkStage.Parameters:
                SumParameterGradients(half, chunk, chunk + 1);
                break;
            case NetworkStage.InputGradient:
                DifferentiateInputs(half, ChunkOf(HalfOf(Current.Inputs, half), chunk, chunks));
                break;
            case NetworkStage.Slopes:
                FillSlopes(half, ChunkOf(HalfOf(Current.Outputs, half), chunk, chunks));
                break;
            default:
                FillInputs(half, ChunkOf(HalfOf(Current.Inputs, half), chunk, chunks));
                break;
        }
    }

    private readonly void Backward(int half)
    {
        bool isFirst = CopyOf(half) == half;
        if (isFirst)
        {
            BeginSlopes(half);
        }

        DifferentiateInputs(half);
        if (isFirst)
        {
            PackSlopes(half);
        }

        SumGradients(half);
    }

    /// <summary>What enters the layer, of a half.</summary>
    public readonly void FillInputs(int half) => FillInputs(half, HalfOf(Current.Inputs, half));

    /// <summary>Products of a half of the inputs for the half of the outputs that the other thread goes on with; of the head all.</summary>
    public readonly void MultiplyForOther(int half) => Multiply(half, IsHead ? (0, Current.Outputs) : HalfOf(Current.Outputs, 1 - half));

    /// <summary>The same for its own half.</summary>
    public readonly void MultiplyForOwn(int half)
    {
        if (!IsHead)
        {
            Multiply(half, HalfOf(Current.Outputs, half));
        }
    }

    /// <summary>Slopes of the last hidden layer from the gradient of the features, of a half.</summary>
    public readonly void FillSlopes(int half) => FillSlopes(half, HalfOf(Current.Outputs, half));

    /// <summary>Slopes of the head.</summary>
    public readonly void BeginSlopes(int copy)
    {
        if (IsHead)
        {
            DifferentiateLoss(copy);
        }
    }

    /// <summary>Gradients of what entered the layer, of a half, and so the slopes of the layer before; for the other thread too where it needs them.</summary>
    public readonly void DifferentiateInputs(int half) => DifferentiateInputs(half, HalfOf(Current.Inputs, half));

    /// <summary>All slopes of the layer in panels, where they do not come so.</summary>
    public readonly void PackSlopes(int copy)
    {
        if (!HandsPanelsOver(Layer))
        {
            PackSlopes(Layer, copy, (0, Current.Outputs), PanelsOf(Layer, copy));
        }
    }

    /// <summary>Gradients of the parameters of a half, and the optimiser.</summary>
    public readonly void SumGradients(int half)
    {
        SumParameterGradients(half, 0, int.MaxValue);
        if (Layer == 1 && HasFewInputs)
        {
            SumFirstGradients(half);
        }
    }

    // Some rows of the weights, with any strides, times the features of a lane.
    private static void MultiplyLane(
        float* weights, nint rowStride, nint columnStride, float* x, int rows, int room, int depth, float* result, bool isForOther = false, int turned = 0) => new MatrixProduct
        {
            A = weights,
            ARowStride = rowStride,
            AColumnStride = columnStride,
            B = x,
            BRowStride = room,
            BColumnStride = 1,
            C = result,
            Rows = rows,
            Columns = room,
            Depth = depth,
            Activated = result,
            EndAround = isForOther && !ProcessorModel.SharesLastLevelCache ? rows : 0,
            TurnedDepth = turned,
        }.RunAlone(null);

    // Dropout of some features of a lane, by the numbers of their elements in [n x features].
    private readonly void Drop(int l, int lane, (int First, int End) features, float* from, float* to)
    {
        int outputs = Network.Layers[l].Outputs, room = Lanes.RoomOf(lane);
        ulong stream = CounterRandom.Stream(Network.DropoutStream, (ulong)l);
        for (int j = features.First; j < features.End; j++, from += room, to += room)
        {
            DropoutFormula.Apply(from, Network.DropoutRate, stream, (long)lane * SampleLanes.Width * outputs + j, outputs, to, room);
        }
    }

    private static int DivideUp(int count, int size) => (count + size - 1) / size;

    /// <summary>Features of the first half, which is not the smaller one: whole registers, or all of a few features.</summary>
    public static int FirstHalf(int features)
    {
        const int Register = 8;

        return Math.Min(DivideUp(features, 2 * Register) * Register, features);
    }

    private static (int First, int End) HalfOf(int features, int half) => half == 0 ? (0, FirstHalf(features)) : (FirstHalf(features), features);

    // Where a feature of a lane lies from the first area on, of features of which each area has a half.
    private readonly long PlaceOf(int features, int lane, int feature)
    {
        int half = feature < FirstHalf(features) ? 0 : 1;
        (int first, int end) = HalfOf(features, half);
        return half * AreaLength + Lanes.At(end - first, lane, feature - first);
    }

    private static int ChunksOf(int features) => Math.Min(MostChunks, DivideUp(features, MatrixProduct.TileRows));

    private static (int First, int End) ChunkOf((int First, int End) range, int chunk, int chunks)
    {
        int tiles = DivideUp(range.End - range.First, MatrixProduct.TileRows);
        int first = range.First + tiles * chunk / chunks * MatrixProduct.TileRows, end = range.First + tiles * (chunk + 1) / chunks * MatrixProduct.TileRows;
        return (Math.Min(first, range.End), Math.Min(end, range.End));
    }

    private readonly float* CurrentInputs => Layer == 0 ? Inputs : Network.Layers[Layer - 1].Output;

    // Of a half of the inputs; outputs lie there as PlaceOf tells.
    private readonly float* PartOf(int layer, int half) => Parts + ((layer & 1) * Count + half) * PartLength;

    // Of a half of the targets.
    private readonly float* HeadBiasOf(int half, int copy) => HeadBias + copy * AreaLength + half * ScratchPieces.WholeLines(Network.Layers[Network.LayerCount - 1].Outputs);

    private readonly float* HeadPartOf(int half, int copy) => HeadParts + copy * AreaLength + half * HeadLength(Network.Rows, Network.Layers[Network.LayerCount - 1].Outputs);

    private readonly float* SlopesOf(int layer, int copy) => copy * AreaLength + (layer == Network.LayerCount - 1 ? HeadSlopes : Slopes + layer % LayersInTurn * LayerLength);

    // Each of two threads has slopes, and slopes in panels, of its own; one thread alone makes them once, and more share them.
    private readonly int CopyOf(int half) => HasCopies ? half : 0;

    private readonly bool HasCopies => Threads == Count;
}
