namespace DirKernels.Backends.Cpu;

/// <summary>What <see cref="NetworkHalves"/> does next with a layer.</summary>
internal enum NetworkStage
{
    /// <summary>What enters the layer: rows of the table, or the outputs of the layer before; behind the last layer the features.</summary>
    Inputs,

    /// <summary>Parts of the layer's outputs.</summary>
    Products,

    /// <summary><see cref="Inputs"/> and <see cref="Products"/> of a half.</summary>
    Forward,

    /// <summary>Slopes of the last hidden layer from the gradient of the features.</summary>
    Slopes,

    /// <summary>Slopes in panels; those of the head from the loss.</summary>
    Panels,

    /// <summary>Gradients of what entered the layer, and so the slopes of the one before.</summary>
    InputGradient,

    /// <summary>Gradients of the parameters, and the optimiser.</summary>
    Parameters,

    /// <summary>The last three of a half.</summary>
    Backward,

    /// <summary>Gradients of the parameters of a first layer of few inputs, of half of its outputs.</summary>
    FirstParameters,
}
