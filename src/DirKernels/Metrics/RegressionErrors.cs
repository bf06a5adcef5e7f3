namespace DirKernels.Metrics;

/// <summary>Errors of predictions over a set of samples, e = prediction - label, all in double precision.</summary>
/// <remarks>
/// Units are those of the label, squared for <see cref="MeanSquaredError"/>. A correlation that is not defined is null, never NaN.
/// Source: Yang et al., "Delving into Deep Imbalanced Regression", ICML 2021, section 4 (MAE, MSE, GM, Pearson).
/// </remarks>
public sealed record RegressionErrors
{
    /// <summary>Absolute errors below this count as this in the geometric mean, so that one exact hit does not make it 0.</summary>
    public const double SmallestAbsoluteError = 1e-10;

    /// <summary>Number of samples N, at least 1.</summary>
    public required int Count { get; init; }

    /// <summary>MAE: mean |e|.</summary>
    public required double MeanAbsoluteError { get; init; }

    /// <summary>MSE: mean e^2.</summary>
    public required double MeanSquaredError { get; init; }

    /// <summary>RMSE: square root of the MSE.</summary>
    public double RootMeanSquaredError => Math.Sqrt(MeanSquaredError);

    /// <summary>GM: <c>exp(mean log max(|e|, 1e-10))</c>, which favours being right everywhere over being right on average.</summary>
    public required double GeometricMean { get; init; }

    /// <summary>Pearson correlation of predictions and labels, -1..1; null when either is constant.</summary>
    public required double? Pearson { get; init; }

    /// <summary>Spearman correlation: Pearson of the ranks, ties sharing their mean rank; null when either is constant.</summary>
    public required double? Spearman { get; init; }

    /// <summary>R2 = <c>1 - sum e^2 / sum (label - mean label)^2</c>, at most 1, negative when worse than the mean; null when the labels are constant.</summary>
    public required double? RSquared { get; init; }

    /// <summary>Errors of N predictions.</summary>
    /// <param name="predictions">N finite predictions.</param>
    /// <param name="labels">N finite labels.</param>
    /// <exception cref="ArgumentException">The lengths differ, or there are no samples.</exception>
    /// <exception cref="InvalidDataException">A prediction or label is NaN or infinite; the message names its row, counted from 0.</exception>
    public static RegressionErrors Compute(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels)
    {
        PredictionCheck.ThrowIfNotPairs(predictions, labels);
        if (labels.IsEmpty)
        {
            throw new ArgumentException("regression errors: there are no samples", nameof(labels));
        }

        double absolute = 0, squared = 0, logarithms = 0, labelSum = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            double error = Math.Abs(predictions[i] - labels[i]);
            absolute += error;
            squared += error * error;
            logarithms += Math.Log(Math.Max(error, SmallestAbsoluteError));
            labelSum += labels[i];
        }

        double labelMean = labelSum / labels.Length, labelSquares = 0;
        foreach (double label in labels)
        {
            labelSquares += (label - labelMean) * (label - labelMean);
        }

        return new RegressionErrors
        {
            Count = labels.Length,
            MeanAbsoluteError = absolute / labels.Length,
            MeanSquaredError = squared / labels.Length,
            GeometricMean = Math.Exp(logarithms / labels.Length),
            Pearson = Correlation.Pearson(predictions, labels),
            Spearman = Correlation.Spearman(predictions, labels),
            RSquared = Correlation.IsConstant(labels) ? null : FiniteOrNull(1 - squared / labelSquares),
        };
    }

    // Labels of 1e-200 or 1e200 have squares that are 0 or infinite.
    private static double? FiniteOrNull(double value) => double.IsFinite(value) ? value : null;
}
