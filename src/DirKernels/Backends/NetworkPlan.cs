namespace DirKernels.Backends;

/// <summary>A whole network and its loss, as <see cref="IBackend.NetworkGradient"/> takes them: hidden layers, then a linear head.</summary>
/// <remarks>Each hidden layer is <c>dropout(activation(x W + b))</c>; the features, output of the last one, may be calibrated before the head.</remarks>
public sealed class NetworkPlan
{
    /// <summary>Layers in order, parameters in ascending order; the last one is the head.</summary>
    public required IReadOnlyList<DenseLayer> Layers { get; init; }

    /// <summary>Function behind each hidden layer.</summary>
    public required Activation Activation { get; init; }

    /// <summary>Probability to drop an activation, in [0, 1).</summary>
    public required float Dropout { get; init; }

    /// <summary>Loss of one error.</summary>
    public required RegressionLoss Loss { get; init; }

    /// <summary>Elements of the flat buffer of parameters; those between the arrays are zero, and so is their gradient.</summary>
    public required long ParameterLength { get; init; }

    /// <summary>Columns of the input.</summary>
    public int Inputs => Layers[0].Inputs;

    /// <summary>D, columns of the features.</summary>
    public int FeatureDimensions => Layers[^1].Inputs;

    /// <summary>Values predicted for each row.</summary>
    public int Targets => Layers[^1].Outputs;
}
