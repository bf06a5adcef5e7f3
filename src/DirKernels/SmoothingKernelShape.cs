namespace DirKernels;

/// <summary>Families of smoothing windows; formulas at <see cref="SmoothingKernel"/>.</summary>
public enum SmoothingKernelShape
{
    /// <summary>Gaussian with tails folded back at both ends, as in the published results.</summary>
    Gaussian,

    /// <summary>Two-sided exponential.</summary>
    Laplace,

    /// <summary>Linear decay.</summary>
    Triangular,

    /// <summary>Gaussian cut off at the last tap.</summary>
    TruncatedGaussian,
}
