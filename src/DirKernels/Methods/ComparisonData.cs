using DirKernels.Labels;
using DirKernels.Networks;

namespace DirKernels.Methods;

/// <summary>The three parts of a data set that methods are compared on; shared by all runs, never written to.</summary>
/// <param name="Train">Rows that networks are trained on.</param>
/// <param name="Validation">Rows that choose the best epoch.</param>
/// <param name="Test">Rows that methods are judged by.</param>
public sealed record ComparisonData(ComparisonRows Train, ComparisonRows Validation, ComparisonRows Test)
{
    /// <summary>[B] training rows in each bin.</summary>
    public double[] TrainCounts(LabelBins bins)
    {
        var counts = new double[bins.Count];
        LabelDistributionSmoothing.Count(Train.Labels, bins, counts);
        return counts;
    }

    internal TrainingSet ValidationSet() => Validation.ToSet();
}
