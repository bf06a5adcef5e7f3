namespace DirKernels.Backends.Cpu;

/// <summary>
/// Rows to predict in blocks of a few, each of which goes through all layers on one thread while its activations stay in the nearest caches.
/// </summary>
/// <remarks>Threads meet once a call instead of once a layer. A row's bits do not depend on the block it is in.</remarks>
internal unsafe struct PredictionBlocks : IBlockJob
{
    /// <summary>Function behind each layer but the head.</summary>
    public Activation Activation;

    /// <summary>[layers], the head last.</summary>
    public NetworkLayer* Layers;
    public int LayerCount;

    /// <summary>n.</summary>
    public int Rows;

    /// <summary>Rows of a block.</summary>
    public int BlockRows;

    /// <summary>[n x inputs].</summary>
    public float* Inputs;

    /// <summary>Columns of the widest layer but the head.</summary>
    public int Widest;

    /// <summary>[n x targets].</summary>
    public float* Predictions;

    public readonly void Run(int block)
    {
        int first = block * BlockRows, rows = Math.Min(BlockRows, Rows - first);
        long room = (long)BlockRows * Widest;
        float* x = Inputs + (long)first * Layers[0].Inputs, activations = ScratchMemory.Request<float>(2 * room);
        for (int l = 0; l < LayerCount - 1; l++)
        {
            float* y = activations + l % 2 * room;
            Layers[l].Apply(Activation, x, rows, y, y);
            x = y;
        }

        ref NetworkLayer head = ref Layers[LayerCount - 1];
        float* prediction = Predictions + (long)first * head.Outputs;
        head.Apply(Activation.Identity, x, rows, prediction, prediction);
    }
}
