using DirKernels.Labels;

namespace DirKernels.Benchmarks.Quick;

/// <summary>From labels to weights.</summary>
internal static class QuickLabelRows
{
    private const int Labels = 10_000_000;

    public static QuickRow Weights() => new("label weights 10M", QuickLimit.Read, 0, (double)(sizeof(double) + sizeof(float)) * Labels, () =>
    {
        double[] labels = [.. Enumerable.Range(0, Labels).Select(i => -20 * Math.Log(1 - CounterRandom.Uniform(1, (ulong)i)))];
        var weights = new float[Labels];
        var bins = LabelBins.Uniform(0, 1, 100);
        return (() => LabelDistributionSmoothing.Weights(labels, bins, SmoothingKernel.Default, Reweighting.SqrtInverse, weights), []);
    });
}
