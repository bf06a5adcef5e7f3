namespace DirKernels.Backends.Cpu;

/// <summary>Rows of one bin that are merged into its statistics together.</summary>
internal unsafe ref struct DiagonalPass
{
    /// <summary>Rows to merge, <see cref="DiagonalUpdate.Count"/> of them.</summary>
    public float** Rows;

    /// <summary>As many rows to ask memory for meanwhile, and one more that is read and asked for in vain.</summary>
    public float** Later;

    /// <summary>D.</summary>
    public int Width;

    /// <summary>What the rows weigh.</summary>
    public DiagonalUpdate Update;

    /// <summary>[D].</summary>
    public double* Means;

    /// <summary>[D] sums of squared deviations.</summary>
    public double* Scatters;
}
