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
        var wide = new double[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            if (!float.IsFinite(weights[i]) || weights[i] < 0)
            {
                throw new InvalidDataException($"weight of row {i} (counted from 0) is {weights[i]}; weights must be finite and not negative");
            }

            wide[i] = weights[i];
        }

        if (weights.IsEmpty)
        {
            return;
        }

        double scale = ScaleOf(wide, null);
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)Math.Clamp(scale * weights[i], Lower, Upper);
        }
    }

    /// <summary>Moves the weights of bins into the range, so that the mean over the training samples stays 1; those of bins without any are moved with them.</summary>
    /// <param name="weights">Weights of bins.</param>
    /// <returns>The same bins, counts and densities with other weights.</returns>
    /// <exception cref="InvalidDataException">So many weights are 0 that no scale gives mean 1.</exception>
    public LabelWeights Apply(LabelWeights weights)
    {
        double scale = ScaleOf(weights.Weights, weights.Counts), lower = Lower, upper = Upper;
        return new LabelWeights(weights.Bins, weights.Counts, weights.Density, Array.ConvertAll(weights.Weights, weight => Math.Clamp(scale * weight, lower, upper)));
    }

    private double ScaleOf(double[] weights, double[]? counts)
    {
        double largest = weights.Max();

        // The mean grows with the scale, from the lower end to the upper one: halve the interval in powers of two, then in steps.
        double low = 0, high = 1;
        while (MeanAt(weights, counts, high) < 1)
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
            (low, high) = MeanAt(weights, counts, middle) < 1 ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>Mean of the weights at a scale, each counted once or as often as there are samples with it.</summary>
    private double MeanAt(double[] weights, double[]? counts, double scale)
    {
        double sum = 0, samples = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double count = counts?[i] ?? 1;
            sum += count * Math.Clamp(scale * weights[i], Lower, Upper);
            samples += count;
        }

        return sum / samples;
    }
}
