namespace DirKernels.Metrics;

/// <summary>Probabilities of several tests, corrected for their number, so that the chance of even one false finding among all stays below the level.</summary>
/// <remarks>
/// Holm's step-down rule: with p sorted in increasing order, <c>adjusted_(k) = max over j &lt;= k of min(1, (m - j + 1) p_(j))</c>, j from 1. Holds whatever
/// the tests have in common, and finds at least as much as Bonferroni's m p.
/// Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.
/// </remarks>
public static class HolmCorrection
{
    /// <summary>Adjusted probabilities, in the order of the tests.</summary>
    /// <param name="probabilities">m probabilities, 0 to 1.</param>
    /// <exception cref="ArgumentException">One is not between 0 and 1; it is named.</exception>
    public static double[] Adjust(ReadOnlySpan<double> probabilities)
    {
        var order = new int[probabilities.Length];
        double[] sorted = probabilities.ToArray();
        for (int i = 0; i < sorted.Length; i++)
        {
            if (!(sorted[i] >= 0) || !(sorted[i] <= 1))
            {
                throw new ArgumentException($"holm correction: probability {i} (counted from 0) is {sorted[i]}, but must be 0..1", nameof(probabilities));
            }

            order[i] = i;
        }

        Array.Sort(sorted, order);
        var adjusted = new double[sorted.Length];
        double largest = 0;
        for (int k = 0; k < sorted.Length; k++)
        {
            largest = Math.Max(largest, Math.Min(1, (sorted.Length - k) * sorted[k]));
            adjusted[order[k]] = largest;
        }

        return adjusted;
    }
}
