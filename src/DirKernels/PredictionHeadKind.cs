namespace DirKernels;

/// <summary>What the last layer of a network says; formulas at <see cref="PredictionHead"/>.</summary>
public enum PredictionHeadKind
{
    /// <summary>A value for each target.</summary>
    Value,

    /// <summary>Location and scale of a Laplace distribution.</summary>
    Laplace,

    /// <summary>Mean and standard deviation of a normal distribution.</summary>
    Gaussian,

    /// <summary>Several Laplace distributions that vote.</summary>
    Vote,
}
