namespace DirKernels.Features;

/// <summary>Shrinkage of a covariance towards its diagonal before it is factorised: <c>(1 - s) Sigma + s diag(Sigma)</c>.</summary>
public readonly record struct Shrinkage
{
    private Shrinkage(float share, bool isEstimated)
    {
        Share = share;
        IsEstimated = isEstimated;
    }

    /// <summary>No shrinkage.</summary>
    public static Shrinkage None => default;

    /// <summary>
    /// s estimated for each bin by oracle approximating shrinkage (Chen, Wiesel, Eldar and Hero, 2010) with the diagonal as target.
    /// </summary>
    /// <remarks>
    /// For Gaussian samples the best s is <c>(O + P) / (n O + P)</c> with O the sum of squared true covariances off the diagonal and P the sum of
    /// <c>s_ii s_jj</c> over the same entries (n - 1 degrees of freedom). Replacing O by <c>(1 - s) Q</c>, Q the sum of squared sample covariances, and
    /// solving for the fixed point gives <c>s = min(1, (Q + P) / (n Q))</c>: closed, and computed from the covariance alone, so that it works on
    /// streamed and merged statistics, where the fourth moments of the Ledoit-Wolf estimate are not available.
    /// </remarks>
    public static Shrinkage Estimated => new(0, true);

    /// <summary>s when it is fixed.</summary>
    public float Share { get; }

    /// <summary>Whether s is estimated for each bin.</summary>
    public bool IsEstimated { get; }

    /// <summary>Whether covariances are shrunk at all.</summary>
    public bool IsActive => IsEstimated || Share > 0;

    /// <summary>A fixed s.</summary>
    /// <exception cref="ArgumentException">s is not in 0..1.</exception>
    public static Shrinkage Fixed(float s) =>
        s is >= 0 and <= 1 ? new(s, false) : throw new ArgumentException($"shrinkage must be 0..1, but is {s}", nameof(s));

    /// <summary><c>estimated</c> or the number.</summary>
    public override string ToString() => IsEstimated ? "estimated" : Share.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
}
