namespace DirKernels.Objectives;

/// <summary>What a regulariser of features is computed from, in memory of the host.</summary>
/// <param name="features">[n x D] features, row-major, not calibrated.</param>
/// <param name="target">[n] standardised targets.</param>
/// <param name="stream">Key of random numbers for this batch.</param>
public readonly ref struct FeatureBatch(ReadOnlySpan<float> features, ReadOnlySpan<float> target, ulong stream)
{
    /// <summary>[n x D].</summary>
    public ReadOnlySpan<float> Features { get; } = features;

    /// <summary>[n].</summary>
    public ReadOnlySpan<float> Target { get; } = target;

    /// <summary>Key of random numbers.</summary>
    public ulong Stream { get; } = stream;

    /// <summary>n.</summary>
    public int Rows => Target.Length;

    /// <summary>D.</summary>
    public int Dimensions { get; } = target.IsEmpty ? 0 : features.Length / target.Length;

    /// <summary>Features of one row.</summary>
    public ReadOnlySpan<float> Row(int row) => Features.Slice(row * Dimensions, Dimensions);
}
