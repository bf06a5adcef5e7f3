namespace DirKernels.Backends.Cpu;

/// <summary>Where the things of one block of rows lie in a thread's own memory, in elements from its start; those of the layers are with the layers.</summary>
internal struct BlockPlaces
{
    /// <summary>[rows of a block x inputs], gathered.</summary>
    public long Inputs;

    /// <summary>[rows of a block x D] what diagonal calibration makes of the features.</summary>
    public long HeadInputs;

    /// <summary>[rows of a block x D].</summary>
    public long FeatureGradient;

    /// <summary>[rows of a block x targets] predictions, then their gradient.</summary>
    public long Predictions;

    /// <summary>[2 x rows of a block x widest hidden layer] gradients on their way back.</summary>
    public long Flow;

    /// <summary>The larger factor of a gradient of weights, in panels.</summary>
    public long GradientPanels;

    /// <summary>What a calibrated head works in.</summary>
    public long CalibratedHead;

    /// <summary>Elements of all of it, panels of weights and activations included.</summary>
    public long Length;
}
