namespace DirKernels.Backends;

/// <summary>A whole network and its loss, as <see cref="IBackend.Predict"/> and <see cref="IBackend.NetworkGradient"/> take them: hidden layers, then a linear head.</summary>
/// <remarks>Each hidden layer is <c>dropout(activation(x W + b))</c>; the features, output of the last one, may be calibrated before the head.</remarks>
public sealed class NetworkPlan
{
    private readonly DenseLayer[] _layers = [];

    /// <summary>Layers in order, parameters in ascending order; the last one is the head.</summary>
    public required IReadOnlyList<DenseLayer> Layers
    {
        get => _layers;
        init
        {
            _layers = [.. value];
            WidestHidden = _layers.SkipLast(1).Select(layer => layer.Outputs).DefaultIfEmpty().Max();
        }
    }

    /// <summary>Function behind each hidden layer.</summary>
    public required Activation Activation { get; init; }

    /// <summary>Probability to drop an activation, in [0, 1).</summary>
    public required float Dropout { get; init; }

    /// <summary>Loss of one error.</summary>
    public required RegressionLoss Loss { get; init; }

    /// <summary>Elements of the flat buffer of parameters; those between the arrays are zero, and so is their gradient.</summary>
    public required long ParameterLength { get; init; }

    /// <summary>Columns of the input.</summary>
    public int Inputs => _layers[0].Inputs;

    /// <summary>D, columns of the features.</summary>
    public int FeatureDimensions => _layers[^1].Inputs;

    /// <summary>Values predicted for each row.</summary>
    public int Targets => _layers[^1].Outputs;

    /// <summary>Columns of the widest layer but the head; 0 when there is none.</summary>
    internal int WidestHidden { get; private init; }

    /// <summary><see cref="Layers"/> for loops that take less time than a call through an interface.</summary>
    internal ReadOnlySpan<DenseLayer> LayerSpan => _layers;
}
