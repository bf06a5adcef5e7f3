namespace DirKernels.Backends.Cpu;

/// <summary>
/// A batch in blocks of a few rows, each of which goes through the whole network and back on one thread while what it makes stays in the nearest caches, and
/// leaves its share of the gradient in memory of its own.
/// </summary>
/// <remarks>
/// Threads meet once a step instead of once an operation. The blocks are the same for every number of threads, and so are the bits. With calibration by
/// blocks of a covariance the step is cut at the features: <see cref="CalibratedHead"/> visits them bin after bin.
/// </remarks>
internal unsafe struct NetworkBlocks : IBlockJob
{
    /// <summary>Rows of a block: eleven tiles of six.</summary>
    public const int RowsPerBlock = 64;

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

    /// <summary>[n x inputs], gathered.</summary>
    public float* Inputs;

    /// <summary>Of the features on their way to the head, where it is diagonal.</summary>
    public RowCalibration Calibration;

    /// <summary>[n x D], row by row.</summary>
    public float* Features;

    /// <summary>[n x D] what enters the head: the features, or what calibration makes of them.</summary>
    public float* HeadInputs;

    /// <summary>[n x D] gradient of the features.</summary>
    public float* FeatureGradient;

    /// <summary>[n x targets] predictions, then their gradient.</summary>
    public float* Predictions;

    /// <summary>[2 x n x widest hidden layer] gradients on their way back.</summary>
    public float* Flow;
    public int Widest;

    /// <summary>[blocks x panel] gradients of a block in panels.</summary>
    public float* GradientPanels;
    public long GradientPanelsLength;

    /// <summary>[blocks x parameters].</summary>
    public float* Gradients;
    public long ParameterLength;

    /// <summary>[blocks] weighted losses.</summary>
    public double* Losses;

    public bool RunsForward;
    public bool RunsHead;
    public bool RunsBackward;

    private readonly ref NetworkLayer Head => ref Layers[LayerCount - 1];

    /// <summary>Number of the step: no two in a process have the same.</summary>
    public long Step;

    /// <summary>Elements of all layers' weights in panels.</summary>
    public long PanelsLength;

    [ThreadStatic]
    private static long _packedStep;

    [ThreadStatic]
    private static float* _panels;

    public readonly void Run(int block)
    {
        // Each thread has panels of its own: they would come from another core, and the others would wait for them.
        NetworkLayer* layers = stackalloc NetworkLayer[LayerCount];
        NetworkBlocks own = this;
        own.Layers = layers;
        float* panels = OwnPanels();
        for (int l = 0; l < LayerCount; l++)
        {
            layers[l] = Layers[l];
            layers[l].PlacePanels(panels);
        }

        own.RunRows(block);
    }

    // Packed by a thread with its first block of a step, and kept for its others.
    private readonly float* OwnPanels()
    {
        if (_packedStep != Step)
        {
            _panels = ScratchMemory.Request<float>(PanelsLength);
            for (int l = 0; l < LayerCount; l++)
            {
                NetworkLayer layer = Layers[l];
                layer.PlacePanels(_panels);
                layer.Pack();
            }

            _packedStep = Step;
        }

        return _panels;
    }

    private readonly void RunRows(int block)
    {
        int first = block * RowsPerBlock, rows = Math.Min(RowsPerBlock, Rows - first);
        float* gradient = Gradients + block * ParameterLength;
        if (RunsForward)
        {
            Gather(first, rows);
            Forward(first, rows);
        }

        if (RunsHead)
        {
            Predict(first, rows);
            Losses[block] = Differentiate(first, rows);
            HeadGradient(block, first, rows, gradient);
        }

        if (RunsBackward)
        {
            Backward(block, first, rows, gradient);
        }
    }

    private readonly void Gather(int first, int rows)
    {
        int width = Layers[0].Inputs;
        for (int i = first; i < first + rows; i++)
        {
            new ReadOnlySpan<float>(AllInputs + (long)RowNumbers[i] * width, width).CopyTo(new Span<float>(Inputs + (long)i * width, width));
        }
    }

    private readonly void Forward(int first, int rows)
    {
        float* x = Inputs;
        for (int l = 0; l < LayerCount - 1; l++)
        {
            ref NetworkLayer layer = ref Layers[l];
            long at = (long)first * layer.Outputs, count = (long)rows * layer.Outputs;
            float* y = layer.Activated + at;
            layer.Apply(Activation, x + (long)first * layer.Inputs, rows, layer.PreActivation == null ? y : layer.PreActivation + at, y);
            if (layer.Output != layer.Activated)
            {
                DropoutFormula.Apply(y, DropoutRate, CounterRandom.Stream(DropoutStream, (ulong)l), at, layer.Output + at, (int)count);
            }

            x = layer.Output;
        }
    }

    private readonly void Predict(int first, int rows)
    {
        ref NetworkLayer head = ref Head;
        if (!Calibration.IsAbsent)
        {
            Calibration.Apply(Features, first, rows, HeadInputs);
        }

        float* x = HeadInputs + (long)first * head.Inputs, prediction = Predictions + (long)first * head.Outputs;
        head.Apply(Activation.Identity, x, rows, prediction, prediction);
    }

    // The weighted loss of the rows; predictions become its gradient.
    private readonly double Differentiate(int first, int rows)
    {
        int targets = Head.Outputs;
        float share = 1f / ((long)Rows * targets);
        double sum = 0;
        for (int i = first; i < first + rows; i++)
        {
            long row = RowNumbers[i];
            float weight = AllWeights == null ? 1 : AllWeights[row];
            float* prediction = Predictions + (long)i * targets, target = AllTargets + row * targets;
            for (int j = 0; j < targets; j++)
            {
                sum += (double)weight * Loss.Evaluate(prediction[j] - target[j], out float derivative);
                prediction[j] = weight * derivative * share;
            }
        }

        return sum / targets;
    }

    private readonly void HeadGradient(int block, int first, int rows, float* gradient)
    {
        ref NetworkLayer head = ref Head;
        float* x = HeadInputs + (long)first * head.Inputs, dPrediction = Predictions + (long)first * head.Outputs;
        ParameterGradient(ref head, block, x, dPrediction, rows, gradient);
        float* dX = FeatureGradient + (long)first * head.Inputs;
        if (head.Outputs == 1)
        {
            RowSums.Spread(dPrediction, rows, head.Weights, head.Inputs, dX);
        }
        else
        {
            head.Backward(dPrediction, rows, dX).RunAlone(head.TransposedPanels);
        }

        if (!Calibration.IsAbsent)
        {
            Calibration.ApplyGradient(FeatureGradient, first, rows);
        }
    }

    private readonly void Backward(int block, int first, int rows, float* gradient)
    {
        float* dY = FeatureGradient + (long)first * Head.Inputs;
        float* next = Flow + (long)first * Widest;
        long other = (long)Rows * Widest;
        for (int l = LayerCount - 2; l >= 0; l--)
        {
            ref NetworkLayer layer = ref Layers[l];
            long at = (long)first * layer.Outputs;
            int count = rows * layer.Outputs;
            if (layer.Output != layer.Activated)
            {
                DropoutFormula.Apply(dY, DropoutRate, CounterRandom.Stream(DropoutStream, (ulong)l), at, dY, count);
            }

            ActivationFormula.Gradient(Activation, layer.PreActivation + at, layer.Activated + at, dY, dY, count);
            float* x = (l == 0 ? Inputs : Layers[l - 1].Output) + (long)first * layer.Inputs;
            ParameterGradient(ref layer, block, x, dY, rows, gradient);
            if (l > 0)
            {
                layer.Backward(dY, rows, next).RunAlone(layer.TransposedPanels);
                dY = next;
                next += other;
                other = -other;
            }
        }
    }

    private readonly void ParameterGradient(ref NetworkLayer layer, int block, float* x, float* dPre, int rows, float* gradient)
    {
        float* dWeights = gradient + layer.WeightsAt, dBias = gradient + layer.BiasAt;
        RowSums.Combine(dPre, null, rows, layer.Outputs, dBias);
        if (layer.Outputs == 1)
        {
            RowSums.Combine(x, dPre, rows, layer.Inputs, dWeights);
        }
        else
        {
            MatrixProduct product = layer.WeightGradient(x, dPre, rows, dWeights);
            float* panels = null;
            if (!product.ReadsInPlace)
            {
                panels = GradientPanels + block * GradientPanelsLength;
                product.Pack(panels);
            }

            product.RunAlone(panels);
        }

        // Between the arrays of parameters lie elements that nothing computes.
        ClearBetween(dWeights + (long)layer.Inputs * layer.Outputs, dBias);
        ClearBetween(dBias + layer.Outputs, gradient + layer.End);
    }

    private static void ClearBetween(float* from, float* to) => new Span<float>(from, (int)(to - from)).Clear();
}
