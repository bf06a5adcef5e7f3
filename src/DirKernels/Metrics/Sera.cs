namespace DirKernels.Metrics;

/// <summary>
/// SERA, the squared error-relevance area: <c>integral over t in 0..1 of SER_t</c>, where SER_t is the sum of squared errors of the samples whose label
/// has a relevance of at least t.
/// </summary>
/// <remarks>
/// In squared units of the label, summed over samples, 0 or larger; smaller is better; ordinary labels count little, relevant ones fully.
/// Source: Ribeiro and Moniz, "Imbalanced regression and extreme value prediction", Machine Learning 109, 2020, section 4.
/// </remarks>
public static class Sera
{
    /// <summary>The exact area, for which the integral is <c>sum_i relevance(label_i) (prediction_i - label_i)^2</c>.</summary>
    /// <param name="predictions">N finite predictions.</param>
    /// <param name="labels">N finite labels.</param>
    /// <param name="relevance">Relevance of labels, made from the training labels.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="InvalidDataException">A number is NaN or infinite; the message names its row.</exception>
    public static double Compute(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels, RelevanceFunction relevance)
    {
        ArgumentNullException.ThrowIfNull(relevance);
        PredictionCheck.ThrowIfNotPairs(predictions, labels);
        double area = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            double error = predictions[i] - labels[i];
            area += relevance.Of(labels[i]) * error * error;
        }

        return area;
    }

    /// <summary>The curve under which the area lies, for plots: SER_t at t = 0, 1/steps, ..., 1.</summary>
    /// <param name="predictions">N finite predictions.</param>
    /// <param name="labels">N finite labels.</param>
    /// <param name="relevance">Relevance of labels, made from the training labels.</param>
    /// <param name="steps">Number of intervals, at least 1; 1000 as published.</param>
    /// <returns>steps + 1 values that never increase, the first the sum of all squared errors.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or there are no steps.</exception>
    /// <exception cref="InvalidDataException">A number is NaN or infinite; the message names its row.</exception>
    public static double[] Curve(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels, RelevanceFunction relevance, int steps = 1000)
    {
        ArgumentNullException.ThrowIfNull(relevance);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        PredictionCheck.ThrowIfNotPairs(predictions, labels);
        var curve = new double[steps + 1];
        for (int i = 0; i < labels.Length; i++)
        {
            // The last t = k/steps that the relevance still reaches, corrected for rounding of the product.
            double phi = relevance.Of(labels[i]);
            int reached = Math.Min(steps, (int)(phi * steps) + 1);
            while ((double)reached / steps > phi)
            {
                reached--;
            }

            double error = predictions[i] - labels[i];
            curve[reached] += error * error;
        }

        for (int k = steps - 1; k >= 0; k--)
        {
            curve[k] += curve[k + 1];
        }

        return curve;
    }

    /// <summary>Area under a curve by the trapezoid rule, as the published implementation approximates it; within SER_0 / steps of the exact area.</summary>
    /// <param name="curve">Values at t = 0, 1/steps, ..., 1: at least two.</param>
    /// <exception cref="ArgumentException">There are fewer than two values.</exception>
    public static double Trapezoid(ReadOnlySpan<double> curve)
    {
        if (curve.Length < 2)
        {
            throw new ArgumentException($"sera: a curve has at least 2 values, but this one has {curve.Length}", nameof(curve));
        }

        double sum = 0.5 * (curve[0] + curve[^1]);
        for (int k = 1; k < curve.Length - 1; k++)
        {
            sum += curve[k];
        }

        return sum / (curve.Length - 1);
    }
}
