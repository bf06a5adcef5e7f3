namespace DirKernels.Backends.Cpu;

/// <summary>
/// A batch in blocks of a few rows, each of which goes through the whole network and back on one thread while what it makes stays in the nearest caches, and
/// leaves its share of the gradient with those of other blocks of the same half.
/// </summary>
/// <remarks>
/// Threads meet once a step instead of once an operation. One or two threads take a half each and add up its gradients where they are, so that few travel between cores, and two have parameters of their own (<see cref="NetworkTwin"/>);
/// more threads take single blocks, whose gradients are added up in the same order afterwards: the bits do not depend on threads. With calibration by
/// blocks of a covariance <see cref="CalibratedHead"/> reads the map of a bin once for all rows of the bin that follow each other in a block. What a block makes of its rows lies in memory of
/// the thread's own, which its next block overwrites. A network that goes by halves has only its head here.
/// </remarks>
internal unsafe struct NetworkBlocks : IBlockJob
{
    /// <summary>Rows of a block: eleven tiles of six.</summary>
    public const int RowsPerBlock = 64;

    /// <summary>Elements from loss to loss: a cache line, since threads write them at the same time.</summary>
    public const int LossStride = CacheLine.Size / sizeof(double);

    public Activation Activation;
    public RegressionLoss Loss;
    public float DropoutRate;
    public ulong DropoutStream;

    /// <summary>[layers], the head last.</summary>
    public NetworkLayer* Layers;
    public int LayerCount;

    /// <summary>n.</summary>
    public int Rows;

    /// <summary>[N x inputs].</summary>
    public float* AllInputs;

    /// <summary>[N x targets].</summary>
    public float* AllTargets;

    /// <summary>[N], or null.</summary>
    public float* AllWeights;

    /// <summary>[n] rows of the batch in the table.</summary>
    public int* RowNumbers;

    /// <summary>Of the features on their way to the head, where it is diagonal.</summary>
    public RowCalibration Calibration;

    /// <summary>The head behind calibration by blocks of a covariance; without rows where there is none.</summary>
    public CalibratedHead CalibratedHead;

    /// <summary>Whether the hidden layers have done their work elsewhere.</summary>
    public bool IsHeadAlone;

    /// <summary>[n x D] where features are wanted; of a head alone what enters it.</summary>
    public float* Features;

    /// <summary>[n x D] of a head alone: receives the gradient of the features.</summary>
    public float* FeatureGradient;

    public int Widest;

    /// <summary>Whether each block leaves its own gradient; else each half of the blocks does.</summary>
    public bool IsByBlocks;

    /// <summary>[<see cref="Parts"/> x parameters].</summary>
    public float* Gradients;
    public long ParameterLength;

    /// <summary>[blocks x <see cref="LossStride"/>] weighted losses.</summary>
    public double* Losses;

    /// <summary>Rows of later batches whose numbers follow those of this one.</summary>
    public int RowsToCome;

    /// <summary>Whether a thread goes through the same half of all batches.</summary>
    public bool IsByHalves;

    /// <summary>Number of the step: no two in a process have the same.</summary>
    public long Step;

    /// <summary>Where things lie in a thread's own memory.</summary>
    public BlockPlaces Places;

    // The thread's own, which packs the weights with its first block of a step and keeps them for its others.
    [ThreadStatic]
    private static long _packedStep;

    [ThreadStatic]
    private static float* _memory;

    /// <summary>Blocks of the batch.</summary>
    public readonly int Count => (Rows + RowsPerBlock - 1) / RowsPerBlock;

    /// <summary>Blocks whose gradients are added up first, and then those of the others.</summary>
    public readonly int CountOfHalf => (Count + 1) / 2;

    /// <summary>Runs of this job, each of which leaves a gradient.</summary>
    public readonly int Parts => IsByBlocks ? Count : Math.Min(Count, 2);

    private readonly ref NetworkLayer Head => ref Layers[LayerCount - 1];

    public readonly void Run(int part) => Run(part, Layers, Gradients + part * ParameterLength, copy: null);

    /// <summary>The same with parameters of a thread's own, or for another thread.</summary>
    /// <param name="part">Which blocks.</param>
    /// <param name="own">[layers] as <see cref="Layers"/>.</param>
    /// <param name="gradient">[parameters] receives the part's gradient.</param>
    /// <param name="copy">[parameters] receives a copy of it: one of both is for another thread; null for none.</param>
    public readonly void Run(int part, NetworkLayer* own, float* gradient, float* copy)
    {
        int count = IsByBlocks ? 1 : CountOfHalf;
        NetworkLayer* layers = stackalloc NetworkLayer[LayerCount];
        float* memory = OwnMemory(own);
        for (int l = 0; l < LayerCount; l++)
        {
            layers[l] = own[l];
            layers[l].Enter(memory);
        }

        for (int block = part * count, end = Math.Min(Count, (part + 1) * count); block < end; block++)
        {
            int first = FirstRowOf(block), next = block + 1 < (IsByHalves ? end : Count) ? FirstRowOf(block + 1) : Rows + FirstRowOf(IsByHalves ? part * count : 0);
            var pass = new BlockPass(this, layers, memory, first, next, gradient, adds: block > part * count, block == end - 1 ? copy : null);
            Losses[block * LossStride] = pass.Run();
        }
    }

    /// <summary>Another batch of the same table, of no more rows.</summary>
    /// <param name="batches">All batches; this is the first one.</param>
    /// <param name="batch">Which one.</param>
    public readonly NetworkBlocks OfBatch(in NetworkRun batches, int batch)
    {
        NetworkBlocks blocks = this;
        long first = (long)batch * batches.BatchRows;
        blocks.Rows = batches.RowsOf(batch);
        blocks.RowNumbers += first;
        blocks.DropoutStream = batches.DropoutStreamOf(batch);
        blocks.Features += Features == null ? 0 : first * Head.Inputs;
        blocks.Calibration.Bins += Calibration.IsAbsent ? 0 : first;
        blocks.Step += batch;
        blocks.RowsToCome = batches.RowsBehind(batch);
        if (CalibratedHead.Rows > 0)
        {
            blocks.CalibratedHead.Rows = blocks.Rows;
            blocks.CalibratedHead.RowNumbers += first;
            blocks.CalibratedHead.Bins += first;
        }

        return blocks;
    }

    /// <summary>Before the rows are visited: the columns of a calibrated head.</summary>
    public readonly void PrepareHead()
    {
        if (CalibratedHead.Rows > 0)
        {
            CalibratedHead.Prepare(Head.Weights);
        }
    }

    /// <summary>Losses of the second half, one beside the other.</summary>
    /// <param name="losses">[count of a half].</param>
    public readonly void CopyLosses(double* losses)
    {
        for (int block = CountOfHalf; block < Count; block++)
        {
            losses[block - CountOfHalf] = Losses[block * LossStride];
        }
    }

    /// <summary>Losses of the second half that another thread has made.</summary>
    /// <param name="losses">[count of a half].</param>
    public readonly void TakeLosses(double* losses)
    {
        for (int block = CountOfHalf; block < Count; block++)
        {
            Losses[block * LossStride] = losses[block - CountOfHalf];
        }
    }

    /// <summary>The sum of all blocks' losses.</summary>
    public readonly double SumLosses()
    {
        double sum = 0;
        for (int i = 0; i < Count; i++)
        {
            sum += Losses[i * LossStride];
        }

        return sum;
    }

    // Rows that lie bin after bin end with many bins of a row or two: who has them has the first rows, of few bins, too.
    private readonly int FirstRowOf(int block) => RowsPerBlock * (CalibratedHead.Rows == 0 ? block : block % 2 == 0 ? block / 2 : Count - 1 - block / 2);

    private readonly float* OwnMemory(NetworkLayer* layers)
    {
        if (_packedStep != Step)
        {
            _memory = ScratchMemory.Request<float>(Places.Length);
            for (int l = 0; l < LayerCount; l++)
            {
                NetworkLayer layer = layers[l];
                layer.Enter(_memory);
                layer.Pack();
            }

            _packedStep = Step;
        }

        return _memory;
    }
}
