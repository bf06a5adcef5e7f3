namespace DirKernels.Backends.Cpu;

/// <summary>Diagonal calibration of the rows of a batch, and its gradient, row by row: so little work that a block of rows does it on its way.</summary>
internal unsafe struct RowCalibration
{
    /// <summary>D.</summary>
    public int Dimensions;

    /// <summary>[n] bins of the rows; null for no calibration.</summary>
    public int* Bins;

    /// <summary>[B x D].</summary>
    public float* Means;

    /// <summary>[B x D].</summary>
    public float* Maps;

    /// <summary>[B x D].</summary>
    public float* Shifts;

    public readonly bool IsAbsent => Bins == null;

    /// <summary><c>z~ = z + T (z - mu) + shift</c> of some rows.</summary>
    /// <param name="features">[rows x D].</param>
    /// <param name="first">First row in the batch.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="calibrated">[rows x D].</param>
    public readonly void Apply(float* features, int first, int rows, float* calibrated)
    {
        for (int i = 0; i < rows; i++)
        {
            float* z = features + (long)i * Dimensions;
            long bin = (long)Bins[first + i] * Dimensions;
            DiagonalMap.Apply(z, Means + bin, Maps + bin, Shifts + bin, calibrated + (long)i * Dimensions, Dimensions, around: false, z);
        }
    }

    /// <summary><c>dz = dz~ + T dz~</c> of some rows, in place.</summary>
    /// <param name="gradient">[rows x D].</param>
    /// <param name="first">First row in the batch.</param>
    /// <param name="rows">Number of rows.</param>
    public readonly void ApplyGradient(float* gradient, int first, int rows)
    {
        for (int i = 0; i < rows; i++)
        {
            float* g = gradient + (long)i * Dimensions;
            DiagonalMap.ApplyGradient(g, Maps + (long)Bins[first + i] * Dimensions, g, Dimensions);
        }
    }
}
