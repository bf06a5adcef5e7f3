using DirKernels.Methods;
using DirKernels.Metrics;

namespace DirKernels.Evaluation;

/// <summary>Measures beside the mean absolute error, one number for each seed; null where one is not defined.</summary>
/// <param name="Name">Name of the method.</param>
/// <param name="BalancedScaledError">
/// bMASE: the method's bMAE over that of predicting the median of the training labels, which is the constant with the lowest training MAE. No unit; below 1
/// is better than that constant. The scaling is that of Hyndman and Koehler, International Journal of Forecasting 22, 2006, with a constant in place of
/// their naive forecast.
/// </param>
/// <param name="Sera">SERA on the test rows, relevance from the box plot of the training labels; null when it finds no extremes.</param>
/// <param name="Spearman">Spearman correlation of predictions and labels.</param>
/// <param name="GeometricMean">GM.</param>
public sealed record FurtherMeasures(string Name, double[]? BalancedScaledError, double[]? Sera, double[]? Spearman, double[] GeometricMean)
{
    internal static FurtherMeasures[] Of(
        IReadOnlyList<IReadOnlyList<MethodOutcome>> outcomes, ComparisonData data, LabelBins bins, double[] trainCounts)
    {
        double[] labels = data.Test.Labels, constant = new double[labels.Length];
        Array.Fill(constant, MedianOf(data.Train.Labels));
        double scale = ShotReport.Compute(constant, labels, bins, trainCounts).BalancedMeanAbsoluteError;
        var relevance = RelevanceFunction.FromBoxPlot(data.Train.Labels);
        bool hasExtremes = relevance.ControlPoints.Length > 1;
        return [.. outcomes.Select(seeds => new FurtherMeasures(
            seeds[0].Method.Name,
            scale > 0 ? [.. seeds.Select(seed => seed.Test.BalancedMeanAbsoluteError / scale)] : null,
            hasExtremes ? [.. seeds.Select(seed => Metrics.Sera.Compute([.. seed.Predictions], labels, relevance))] : null,
            seeds.All(seed => seed.Test.Overall.Spearman is not null) ? [.. seeds.Select(seed => seed.Test.Overall.Spearman!.Value)] : null,
            [.. seeds.Select(seed => seed.Test.Overall.GeometricMean)]))];
    }

    private static double MedianOf(double[] labels)
    {
        double[] sorted = [.. labels.Order()];
        return 0.5 * (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]);
    }
}
