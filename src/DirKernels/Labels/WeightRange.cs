namespace DirKernels.Labels;

/// <summary>A range that sample weights are kept in while their mean stays 1: <c>w = clip(s w, lower, upper)</c> with the s for which the mean is 1.</summary>
/// <remarks>
/// Weights inverse to a density can differ by orders of magnitude, and then a few rows decide every batch they are in. Clipping alone would lower the
/// mean, and with it the learning rate; scaling afterwards would leave the range.
/// </remarks>
public readonly record struct WeightRange
{
    /// <summary>Describes a range.</summary>
    /// <param name="lower">Smallest weight, 0..1.</param>
    /// <param name="upper">Largest weight, at least 1; infinity for none.</param>
    /// <exception cref="ArgumentException">The mean weight, 1, does not lie in it.</exception>
    public WeightRange(double lower, double upper)
    {
        if (!(lower is >= 0 and <= 1) || !(upper >= 1))
        {
            throw new ArgumentException(FormattableString.Invariant($"weights: their mean is 1, so that a range must be 0 <= lower <= 1 <= upper, but is {lower}..{upper}"));
        }

        Lower = lower;
        Upper = upper;
    }

    /// <summary>Smallest weight.</summary>
    public double Lower { get; }

    /// <summary>Largest weight.</summary>
    public double Upper { get; }

    /// <summary>Moves weights into the range.</summary>
    /// <param name="weights">[N] finite, not negative, not all 0; mean 1 afterwards, rounded to single precision.</param>
    /// <exception cref="InvalidDataException">A weight is negative or not finite (its row is named), or so many are 0 that no scale gives mean 1.</exception>
    public void Apply(Span<float> weights)
    {
        double largest = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (!float.IsFinite(weights[i]) || weights[i] < 0)
            {
                throw new InvalidDataException($"weight of row {i} (counted from 0) is {weights[i]}; weights must be finite and not negative");
            }

            largest = Math.Max(largest, weights[i]);
        }

        if (weights.IsEmpty)
        {
            return;
        }

        // The mean grows with the scale, from the lower end to the upper one: halve the interval in powers of two, then in steps.
        double low = 0, high = 1;
        while (MeanAt(weights, high) < 1)
        {
            if (high * largest > 1e30 || largest == 0)
            {
                throw new InvalidDataException("weights: too many are 0 for a mean of 1 below the largest weight allowed");
            }

            (low, high) = (high, 2 * high);
        }

        for (int step = 0; step < 60; step++)
        {
            double middle = 0.5 * (low + high);
            (low, high) = MeanAt(weights, middle) < 1 ? (middle, high) : (low, middle);
        }

        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)Math.Clamp(high * weights[i], Lower, Upper);
        }
    }

    private double MeanAt(ReadOnlySpan<float> weights, double scale)
    {
        double sum = 0;
        foreach (float weight in weights)
        {
            sum += Math.Clamp(scale * weight, Lower, Upper);
        }

        return sum / weights.Length;
    }
}
