namespace DirKernels.Features;

/// <summary>Options of feature distribution smoothing. The defaults are the published ones, except that bins never seen take no part.</summary>
public sealed record FeatureSmoothingOptions
{
    /// <summary>Which covariances are kept and whitened.</summary>
    public CovarianceKind Covariance { get; init; } = CovarianceKind.Diagonal;

    /// <summary>Window over bins, used with taps that sum to 1.</summary>
    public SmoothingKernel Kernel { get; init; } = SmoothingKernel.Default;

    /// <summary>Weight of the old statistics, 0..1; null gives the cumulative average weight 1 - n/total.</summary>
    public double? Momentum { get; init; } = 0.9;

    /// <summary>What is done about bins without samples.</summary>
    public EmptyBins EmptyBins { get; init; } = EmptyBins.Exclude;

    /// <summary>Lower bound of the ratio of variances in the diagonal map.</summary>
    public float ClipLower { get; init; } = 0.1f;

    /// <summary>Upper bound of the ratio of variances in the diagonal map.</summary>
    public float ClipUpper { get; init; } = 10f;

    /// <summary>Shrinkage of block and full covariances before factorisation.</summary>
    public Shrinkage Shrinkage { get; init; } = Shrinkage.Estimated;

    /// <summary>Mean and covariance, or the mean only.</summary>
    public CalibrationParts Parts { get; init; } = CalibrationParts.Both;

    /// <summary>How much a bin weighs in the smoothing.</summary>
    public BinMass Mass { get; init; } = BinMass.Uniform;

    /// <summary>a in (0, 1]: features become z + a (z~ - z).</summary>
    public float Strength { get; init; } = 1;

    /// <summary>First epoch, counted from 0, whose features are calibrated; at least 1, since statistics need a full epoch.</summary>
    public int FirstCalibratedEpoch { get; init; } = 1;

    /// <summary>Checks ranges and combinations.</summary>
    /// <param name="binCount">B.</param>
    /// <exception cref="ArgumentException">Names the option and its value.</exception>
    public void Validate(int binCount)
    {
        Kernel.ThrowIfWiderThan(binCount);
        if (Momentum is { } m && !(m is >= 0 and < 1))
        {
            throw new ArgumentException($"feature smoothing: momentum must be in [0, 1), but is {m}");
        }

        if (!(ClipLower > 0) || !(ClipUpper >= ClipLower) || !float.IsFinite(ClipUpper))
        {
            throw new ArgumentException($"feature smoothing: the clip must be 0 < lower <= upper, but is {ClipLower}..{ClipUpper}");
        }

        if (!(Strength is > 0 and <= 1))
        {
            throw new ArgumentException($"feature smoothing: strength must be in (0, 1], but is {Strength}");
        }

        if (FirstCalibratedEpoch < 1)
        {
            throw new ArgumentException($"feature smoothing: the first calibrated epoch must be at least 1, but is {FirstCalibratedEpoch}");
        }

        if (Mass == BinMass.Count && EmptyBins != EmptyBins.Exclude)
        {
            throw new ArgumentException($"feature smoothing: mass by count needs empty bins to be excluded, but they are set to {EmptyBins}");
        }
    }
}
