namespace DirKernels;

/// <summary>
/// How label counts become the density that weights are the inverse of: an optional clip, then a power. Applied BEFORE smoothing.
/// </summary>
/// <remarks>
/// <c>transformed = clip(count, lo, hi)^p</c>: inverse p = 1 (clipped to 5..1000 by default), sqrt-inverse p = 1/2, power p in 0..1 is the dial between
/// the many and the few, none p = 0. Source: Yang et al., ICML 2021, section 3.1 and its published results.
/// </remarks>
public readonly record struct Reweighting
{
    private Reweighting(double exponent, double clipLower, double clipUpper)
    {
        if (!(exponent >= 0) || exponent > 4)
        {
            throw new ArgumentException($"reweighting: the power must be 0..4, but is {exponent}", nameof(exponent));
        }

        if (!(clipLower >= 0) || !(clipUpper >= clipLower))
        {
            throw new ArgumentException($"reweighting: the clip must be 0 <= lower <= upper, but is {clipLower}..{clipUpper}", nameof(clipLower));
        }

        Exponent = exponent;
        ClipLower = clipLower;
        ClipUpper = clipUpper;
    }

    /// <summary>The power p of the count.</summary>
    public double Exponent { get; }

    /// <summary>Lower bound of the count before the power; 0 is no bound.</summary>
    public double ClipLower { get; }

    /// <summary>Upper bound of the count before the power; infinity is no bound.</summary>
    public double ClipUpper { get; }

    /// <summary>Whether every sample weighs the same: no power, so no clip and no smoothing matters.</summary>
    public bool IsNone => Exponent == 0;

    /// <summary>All weights 1.</summary>
    public static Reweighting None => new(0, 0, double.PositiveInfinity);

    /// <summary>Weights inverse to the square root of the density, no clip.</summary>
    public static Reweighting SqrtInverse => new(0.5, 0, double.PositiveInfinity);

    /// <summary>Weights inverse to the density, counts clipped to 5..1000 as in the published results.</summary>
    public static Reweighting Inverse => new(1, 5, 1000);

    /// <summary>Weights inverse to <c>count^p</c>, no clip.</summary>
    /// <exception cref="ArgumentException">p is not in 0..4.</exception>
    public static Reweighting Power(double p) => new(p, 0, double.PositiveInfinity);

    /// <summary>The same power with other bounds of the count.</summary>
    /// <exception cref="ArgumentException">Not 0 &lt;= lower &lt;= upper.</exception>
    public Reweighting WithClip(double lower, double upper) => new(Exponent, lower, upper);

    /// <summary>The same power without bounds.</summary>
    public Reweighting WithoutClip() => new(Exponent, 0, double.PositiveInfinity);

    /// <summary><c>clip(count, lo, hi)^p</c>.</summary>
    /// <param name="count">Number of samples in a bin, not negative.</param>
    public double Transform(double count)
    {
        double clipped = Math.Min(Math.Max(count, ClipLower), ClipUpper);
        return Exponent switch
        {
            0 => 1,
            0.5 => Math.Sqrt(clipped),
            1 => clipped,
            _ => Math.Pow(clipped, Exponent),
        };
    }
}
