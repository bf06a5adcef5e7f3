namespace DirKernels.Metrics;

/// <summary>Correlation of two sequences of numbers; null where it is not defined.</summary>
public static class Correlation
{
    /// <summary>
    /// Pearson correlation <c>sum (x - mean x)(y - mean y) / sqrt(sum (x - mean x)^2 sum (y - mean y)^2)</c>, in two passes about the means.
    /// </summary>
    /// <param name="x">N finite numbers.</param>
    /// <param name="y">N finite numbers.</param>
    /// <returns>A number in -1..1, or null when N is below 2 or either sequence is constant.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double? Pearson(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        ThrowIfLengthsDiffer(x, y);
        if (IsConstant(x) || IsConstant(y))
        {
            return null;
        }

        double meanX = Mean(x), meanY = Mean(y);

        // Deviations relative to the largest, so that labels of 1e-200 or 1e200 neither underflow nor overflow when squared.
        double unitX = LargestDeviation(x, meanX), unitY = LargestDeviation(y, meanY);
        double products = 0, squaresX = 0, squaresY = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double dx = (x[i] - meanX) / unitX, dy = (y[i] - meanY) / unitY;
            products += dx * dy;
            squaresX += dx * dx;
            squaresY += dy * dy;
        }

        double correlation = products / Math.Sqrt(squaresX * squaresY);
        return double.IsFinite(correlation) ? Math.Clamp(correlation, -1, 1) : null;
    }

    /// <summary>Spearman correlation: Pearson of the ranks, ties sharing the mean of their ranks.</summary>
    /// <param name="x">N finite numbers.</param>
    /// <param name="y">N finite numbers.</param>
    /// <returns>A number in -1..1, or null when N is below 2 or either sequence is constant.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double? Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        ThrowIfLengthsDiffer(x, y);
        return IsConstant(x) || IsConstant(y) ? null : Pearson(Ranks(x), Ranks(y));
    }

    /// <summary>Ranks 1..N in increasing order, ties sharing the mean of their ranks.</summary>
    /// <param name="values">N numbers, none NaN.</param>
    public static double[] Ranks(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray();
        var order = new int[values.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(sorted, order);
        var ranks = new double[values.Length];
        for (int first = 0; first < sorted.Length;)
        {
            int last = first;
            while (last + 1 < sorted.Length && sorted[last + 1] == sorted[first])
            {
                last++;
            }

            for (int i = first; i <= last; i++)
            {
                ranks[order[i]] = 1 + 0.5 * (first + last);
            }

            first = last + 1;
        }

        return ranks;
    }

    /// <summary>Whether all numbers are equal; also when there is none or one.</summary>
    internal static bool IsConstant(ReadOnlySpan<double> values) => values.IsEmpty || !values.ContainsAnyExcept(values[0]);

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value / values.Length;
        }

        return sum;
    }

    private static double LargestDeviation(ReadOnlySpan<double> values, double mean)
    {
        double largest = 0;
        foreach (double value in values)
        {
            largest = Math.Max(largest, Math.Abs(value - mean));
        }

        return largest;
    }

    private static void ThrowIfLengthsDiffer(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"correlation: the first sequence has {x.Length} entries but the second has {y.Length}");
        }
    }
}
