namespace DirKernels;

/// <summary>How the label lies around a prediction of which the standard deviation is known.</summary>
public enum ErrorDistribution
{
    /// <summary>Normal.</summary>
    Normal,

    /// <summary>Laplace, whose scale is the standard deviation over the root of 2.</summary>
    Laplace,
}
