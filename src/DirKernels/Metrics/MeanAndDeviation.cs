namespace DirKernels.Metrics;

/// <summary>A number measured over several seeds: its mean and sample standard deviation.</summary>
/// <param name="Count">Number of seeds n, at least 1.</param>
/// <param name="Mean">Mean over the seeds.</param>
/// <param name="StandardDeviation">Sample standard deviation, divisor n - 1; null for one seed.</param>
public sealed record MeanAndDeviation(int Count, double Mean, double? StandardDeviation)
{
    /// <summary>Mean and standard deviation of n numbers, in two passes.</summary>
    /// <param name="values">n finite numbers, n at least 1.</param>
    /// <exception cref="ArgumentException">There are no values.</exception>
    /// <exception cref="InvalidDataException">A value is NaN or infinite; the message names its position.</exception>
    public static MeanAndDeviation Compute(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
        {
            throw new ArgumentException("mean and deviation: there are no values", nameof(values));
        }

        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                throw new InvalidDataException($"value {i} (counted from 0) is {values[i]}; values must be finite numbers");
            }

            sum += values[i];
        }

        double mean = sum / values.Length, squares = 0;
        foreach (double value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        return new MeanAndDeviation(values.Length, mean, values.Length == 1 ? null : Math.Sqrt(squares / (values.Length - 1)));
    }
}
