namespace DirKernels.Metrics;

/// <summary>
/// Difference of two methods run on the same seeds: mean of <c>value - baseline</c> with a confidence interval by Student's t,
/// <c>mean +- t(n - 1) sd / sqrt(n)</c>.
/// </summary>
/// <param name="Count">Number of pairs n, at least 1.</param>
/// <param name="Mean">Mean difference; negative when the errors are smaller than the baseline's.</param>
/// <param name="StandardDeviation">Sample standard deviation of the differences, divisor n - 1; null for one pair.</param>
/// <param name="Confidence">Probability that the interval covers the true mean difference, if differences are normal.</param>
/// <param name="Lower">Lower end of the interval; null for one pair.</param>
/// <param name="Upper">Upper end of the interval; null for one pair.</param>
public sealed record PairedDifference(int Count, double Mean, double? StandardDeviation, double Confidence, double? Lower, double? Upper)
{
    /// <summary>Whether the interval leaves out 0: the numbers support a difference. Never for one pair.</summary>
    public bool ExcludesZero => Lower > 0 || Upper < 0;

    /// <summary>
    /// Two-sided probability of a mean difference at least this large when there is none, by Student's t; 0 when all differences are the same and not 0,
    /// 1 when all are 0; null for one pair.
    /// </summary>
    public double? PValue => StandardDeviation switch
    {
        null => null,
        0 => Mean == 0 ? 1 : 0,
        { } deviation => Math.Min(1, 2 * StudentT.Cumulative(-Math.Abs(Mean) / deviation * Math.Sqrt(Count), Count - 1)),
    };

    /// <summary>Compares n pairs.</summary>
    /// <param name="values">n numbers, one per seed.</param>
    /// <param name="baseline">n numbers of the same seeds in the same order.</param>
    /// <param name="confidence">Coverage of the interval, 0 to 1, both exclusive; 0.95 by default.</param>
    /// <exception cref="ArgumentException">The lengths differ, there are no pairs, or the confidence is not between 0 and 1.</exception>
    /// <exception cref="InvalidDataException">A number is NaN or infinite.</exception>
    public static PairedDifference Compute(ReadOnlySpan<double> values, ReadOnlySpan<double> baseline, double confidence = 0.95)
    {
        if (values.Length != baseline.Length)
        {
            throw new ArgumentException($"values has {values.Length} entries but baseline has {baseline.Length}");
        }

        if (!(confidence > 0) || !(confidence < 1))
        {
            throw new ArgumentException($"paired difference: the confidence must be between 0 and 1, but is {confidence}", nameof(confidence));
        }

        var differences = new double[values.Length];
        for (int i = 0; i < differences.Length; i++)
        {
            differences[i] = values[i] - baseline[i];
        }

        MeanAndDeviation summary = MeanAndDeviation.Compute(differences);
        double? margin = summary.StandardDeviation is { } deviation
            ? StudentT.Quantile(0.5 + 0.5 * confidence, summary.Count - 1) * deviation / Math.Sqrt(summary.Count)
            : null;
        return new PairedDifference(
            summary.Count, summary.Mean, summary.StandardDeviation, confidence, summary.Mean - margin, summary.Mean + margin);
    }
}
