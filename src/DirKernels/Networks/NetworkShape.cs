namespace DirKernels.Networks;

/// <summary>Sizes and functions of a fully connected regression network: hidden layers, then a linear head.</summary>
/// <remarks>
/// Each hidden layer is <c>dropout(activation(normalise(x W + b)))</c>; normalisation and dropout are optional. Features are the output of the last
/// hidden layer; the head maps them to one or several targets.
/// </remarks>
public sealed record NetworkShape
{
    /// <summary>Columns of the input, at least 1.</summary>
    public required int Inputs { get; init; }

    /// <summary>Widths of the hidden layers; none makes a linear model whose features are its inputs.</summary>
    public required IReadOnlyList<int> Hidden { get; init; }

    /// <summary>Values predicted for each row, at least 1.</summary>
    public int Targets { get; init; } = 1;

    /// <summary>What the head says about each target.</summary>
    public PredictionHead Head { get; init; } = PredictionHead.Value;

    /// <summary>Columns of what the head puts out: as many as targets, or those of a head that knows more than the value.</summary>
    public int Outputs => Targets * Head.Outputs;

    /// <summary>Function behind each hidden layer.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Batch normalisation between each hidden layer and its activation.</summary>
    public bool BatchNormalization { get; init; }

    /// <summary>Probability to drop an activation in training, in [0, 1).</summary>
    public float Dropout { get; init; }

    /// <summary>D, columns of the features.</summary>
    public int FeatureDimensions => Hidden.Count == 0 ? Inputs : Hidden[^1];

    /// <summary>Width of what enters hidden layer <paramref name="layer"/>.</summary>
    public int LayerInputs(int layer) => layer == 0 ? Inputs : Hidden[layer - 1];

    /// <summary>Checks ranges.</summary>
    /// <exception cref="ArgumentException">Names the size and its value.</exception>
    public void Validate()
    {
        if (Inputs < 1 || Targets < 1)
        {
            throw new ArgumentException($"network: {Inputs} inputs and {Targets} targets; both must be at least 1");
        }

        for (int layer = 0; layer < Hidden.Count; layer++)
        {
            if (Hidden[layer] is < 1 or > 65536)
            {
                throw new ArgumentException($"network: hidden layer {layer + 1} has width {Hidden[layer]}; widths must be 1..65536");
            }
        }

        Head.Validate();
        if (!Head.IsValue && Targets != 1)
        {
            throw new ArgumentException($"network: a {Head} head predicts one target, but there are {Targets}");
        }

        if (!(Dropout is >= 0 and < 1))
        {
            throw new ArgumentException($"network: dropout must be in [0, 1), but is {Dropout}");
        }
    }

    /// <summary>Equal sizes and functions; the widths are compared one by one.</summary>
    public bool Equals(NetworkShape? other) =>
        other is not null && Inputs == other.Inputs && Targets == other.Targets && Head == other.Head && Activation == other.Activation
        && BatchNormalization == other.BatchNormalization && Dropout.Equals(other.Dropout) && Hidden.SequenceEqual(other.Hidden);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Inputs, Targets, Activation, BatchNormalization, Dropout, Hidden.Count);

    /// <summary>For people: <c>[16, 128, 64, 1] relu</c>.</summary>
    public override string ToString()
    {
        string widths = string.Join(", ", Hidden.Prepend(Inputs).Append(Outputs));
        string dropout = Dropout > 0 ? FormattableString.Invariant($", dropout {Dropout}") : "";
        string head = Head.IsValue ? "" : $", {Head} head";
        return $"[{widths}] {Activation.ToString().ToLowerInvariant()}{(BatchNormalization ? ", batch normalisation" : "")}{dropout}{head}";
    }
}
