namespace DirKernels.Gpu;

/// <summary>How large matrix products, scatters of blocks and calibrations by blocks multiply on a GPU.</summary>
public enum MatrixPrecision
{
    /// <summary>Single precision on the ordinary units: the accuracy that <see cref="Backends.IBackend"/> documents, on every device.</summary>
    Float32,

    /// <summary>
    /// Tensor cores, each factor rounded to 11 bits: a product is off by up to 2^-10 of its magnitude. Compute capability 8.0 or higher. Tiles below 128 x 128 stay in single precision.
    /// </summary>
    Tf32,

    /// <summary>
    /// Tensor cores, each factor in two parts of 11 bits and three products of them: an error of about 2^-21 of a product's magnitude, beside that of the sums. Compute capability 8.0 or
    /// higher. Tiles below 128 x 128 stay in single precision.
    /// </summary>
    Tf32Triple,
}
