namespace DirKernels.Networks;

/// <summary>What arrays of a network do not say about it.</summary>
public sealed record NetworkImportOptions
{
    /// <summary>Function behind each hidden layer.</summary>
    public required Activation Activation { get; init; }

    /// <summary>Names of the layers from the inputs to the head; null for the natural order of their names, in which 10 comes after 9.</summary>
    public IReadOnlyList<string>? Layers { get; init; }

    /// <summary>Where batch normalisation stands; null where numbers that follow each other say so (1 behind 0: before the activation).</summary>
    public NormalizationPlace? Normalization { get; init; }

    /// <summary>What the variances of batch normalisation are added to; PyTorch's default.</summary>
    public double NormalizationEpsilon { get; init; } = 1e-5;
}
