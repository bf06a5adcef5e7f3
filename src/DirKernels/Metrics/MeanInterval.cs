namespace DirKernels.Metrics;

/// <summary>The mean of a number measured over several seeds with a confidence interval by Student's t, <c>mean +- t(n - 1) sd / sqrt(n)</c>.</summary>
/// <param name="Count">Number of seeds n, at least 1.</param>
/// <param name="Mean">Mean over the seeds.</param>
/// <param name="Lower">Lower end of the interval; null for one seed.</param>
/// <param name="Upper">Upper end of the interval; null for one seed.</param>
public sealed record MeanInterval(int Count, double Mean, double? Lower, double? Upper)
{
    /// <summary>Mean and interval of n numbers.</summary>
    /// <param name="values">n finite numbers, n at least 1.</param>
    /// <param name="confidence">Coverage of the interval if the numbers are normal, 0 to 1, both exclusive; 0.95 by default.</param>
    /// <exception cref="ArgumentException">There are no values, or the confidence is not between 0 and 1.</exception>
    /// <exception cref="InvalidDataException">A value is NaN or infinite; the message names its position.</exception>
    public static MeanInterval Compute(ReadOnlySpan<double> values, double confidence = 0.95)
    {
        if (!(confidence > 0) || !(confidence < 1))
        {
            throw new ArgumentException($"mean interval: the confidence must be between 0 and 1, but is {confidence}", nameof(confidence));
        }

        MeanAndDeviation summary = MeanAndDeviation.Compute(values);
        if (summary.StandardDeviation is not { } deviation)
        {
            return new MeanInterval(1, summary.Mean, null, null);
        }

        double half = StudentT.Quantile(0.5 + confidence / 2, summary.Count - 1) * deviation / Math.Sqrt(summary.Count);
        return new MeanInterval(summary.Count, summary.Mean, summary.Mean - half, summary.Mean + half);
    }
}
