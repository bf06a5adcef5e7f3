namespace DirKernels.Backends.Cpu;

/// <summary>
/// One layer of a network while a batch passes through it: its parameters, and what is kept of the rows, of a block in a thread's own memory or of all of the batch.
/// </summary>
internal unsafe struct NetworkLayer
{
    public int Inputs;
    public int Outputs;

    /// <summary>First element of the weights in the flat buffer, and so in its gradient.</summary>
    public long WeightsAt;

    /// <summary>First element of the bias.</summary>
    public long BiasAt;

    /// <summary>First element behind this layer's parameters that belongs to the next ones.</summary>
    public long End;

    /// <summary>W [inputs x outputs].</summary>
    public float* Weights;

    /// <summary>[outputs].</summary>
    public float* Bias;

    /// <summary>W in panels; null where it is read as it lies.</summary>
    public float* Panels;

    /// <summary>W^T in panels; null for the first layer, whose inputs need no gradient, and for a single output.</summary>
    public float* TransposedPanels;

    /// <summary>[rows x outputs] arguments of the activation; null where its value tells the slope.</summary>
    public float* PreActivation;

    /// <summary>[rows x outputs] values of the activation.</summary>
    public float* Activated;

    /// <summary>[rows x outputs] what leaves: the same, or what dropout left of it.</summary>
    public float* Output;

    /// <summary>Where <see cref="Panels"/> lie in a thread's own memory; negative for not there.</summary>
    public long PanelsAt;

    /// <summary>Where <see cref="TransposedPanels"/> lie there.</summary>
    public long TransposedAt;

    /// <summary>Where <see cref="PreActivation"/> lies there.</summary>
    public long PreActivationAt;

    /// <summary>Where <see cref="Activated"/> lies there.</summary>
    public long ActivatedAt;

    /// <summary>Where <see cref="Output"/> lies there.</summary>
    public long OutputAt;

    /// <summary>A layer that keeps nothing of a batch.</summary>
    /// <param name="layer">Its sizes.</param>
    /// <param name="parameters">The flat buffer.</param>
    public static NetworkLayer Of(in DenseLayer layer, float* parameters) => new()
    {
        Inputs = layer.Inputs,
        Outputs = layer.Outputs,
        WeightsAt = layer.WeightsAt,
        BiasAt = layer.BiasAt,
        Weights = parameters + layer.WeightsAt,
        Bias = parameters + layer.BiasAt,
        PanelsAt = -1,
        TransposedAt = -1,
        PreActivationAt = -1,
        ActivatedAt = -1,
        OutputAt = -1,
    };

    /// <summary>The same layer with parameters that lie elsewhere.</summary>
    /// <param name="parameters">The flat buffer of this one.</param>
    /// <param name="copy">The other flat buffer.</param>
    public readonly NetworkLayer At(float* parameters, float* copy)
    {
        NetworkLayer layer = this;
        layer.Weights = copy + (Weights - parameters);
        layer.Bias = copy + (Bias - parameters);
        return layer;
    }

    /// <summary>Finds what lies in a thread's own memory.</summary>
    public void Enter(float* memory)
    {
        Panels = PanelsAt < 0 ? Panels : memory + PanelsAt;
        TransposedPanels = TransposedAt < 0 ? TransposedPanels : memory + TransposedAt;
        PreActivation = PreActivationAt < 0 ? PreActivation : memory + PreActivationAt;
        Activated = ActivatedAt < 0 ? Activated : memory + ActivatedAt;
        Output = OutputAt < 0 ? Output : memory + OutputAt;
    }

    /// <summary>Packs the weights to where the panels are.</summary>
    public readonly void Pack()
    {
        if (Panels != null)
        {
            Forward(null, 1, null).Pack(Panels);
        }

        if (TransposedPanels != null)
        {
            Backward(null, 1, null).Pack(TransposedPanels);
        }
    }

    /// <summary><c>pre = x W + bias</c>, <c>y = activation(pre)</c> of some rows on the calling thread; pre and y may be the same.</summary>
    public readonly void Apply(Activation activation, float* x, int rows, float* pre, float* y)
    {
        if (Outputs == 1)
        {
            RowSums.Dot(x, rows, Inputs, Weights, *Bias, pre);
            ActivationFormula.Apply(activation, pre, y, rows);
            return;
        }

        MatrixProduct product = Forward(x, rows, pre);
        product.Activation = activation;
        product.Activated = y;
        product.RunAlone(Panels);
    }

    /// <summary>The product of some rows with the weights.</summary>
    public readonly MatrixProduct Forward(float* x, int rows, float* result) => new()
    {
        A = x,
        ARowStride = Inputs,
        AColumnStride = 1,
        B = Weights,
        BRowStride = Outputs,
        BColumnStride = 1,
        C = result,
        Bias = Bias,
        Rows = rows,
        Columns = Outputs,
        Depth = Inputs,
        Activated = result,
    };

    /// <summary>The product of gradients of some rows with the transposed weights.</summary>
    public readonly MatrixProduct Backward(float* dPre, int rows, float* dX) => new()
    {
        A = dPre,
        ARowStride = Outputs,
        AColumnStride = 1,
        B = Weights,
        BRowStride = 1,
        BColumnStride = Outputs,
        C = dX,
        Rows = rows,
        Columns = Inputs,
        Depth = Outputs,
        Activated = dX,
    };

    /// <summary>The product of the transposed rows with their gradients.</summary>
    public readonly MatrixProduct WeightGradient(float* x, float* dPre, int rows, float* dWeights) => new()
    {
        A = x,
        ARowStride = 1,
        AColumnStride = Inputs,
        B = dPre,
        BRowStride = Outputs,
        BColumnStride = 1,
        C = dWeights,
        Rows = Inputs,
        Columns = Outputs,
        Depth = rows,
        Activated = dWeights,
    };
}
