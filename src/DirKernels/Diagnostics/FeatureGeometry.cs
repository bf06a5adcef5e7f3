using DirKernels.Features;
using DirKernels.Metrics;

namespace DirKernels.Diagnostics;

/// <summary>How alike the features of label bins are: cosine similarities of their means and of their variances.</summary>
/// <remarks>
/// A bin without rows has no mean, one with fewer than two no variance: their similarities are NaN. Source: Yang et al., ICML 2021, section 3.2, figure 5.
/// </remarks>
/// <param name="Counts">[B] rows behind the statistics.</param>
/// <param name="Anchor">Bin that the others are compared with.</param>
/// <param name="MeanToAnchor">[B] similarity of each bin's mean to that of the anchor.</param>
/// <param name="VarianceToAnchor">[B] the same of variances.</param>
/// <param name="Means">[B x B] similarity of the means of all pairs.</param>
/// <param name="Variances">[B x B] similarity of the variances of all pairs.</param>
public sealed record FeatureGeometry(
    long[] Counts, int Anchor, double[] MeanToAnchor, double[] VarianceToAnchor, double[] Means, double[] Variances)
{
    /// <summary>Statistics of features in one pass, and their similarities.</summary>
    /// <param name="features">[N x D], row-major, finite.</param>
    /// <param name="dimensions">D.</param>
    /// <param name="bins">[N] in 0..binCount-1.</param>
    /// <param name="binCount">B, at most <see cref="FeatureSimilarity.LargestMatrix"/>.</param>
    /// <param name="anchor">A bin with rows.</param>
    /// <exception cref="ArgumentException">The shapes do not match, or the anchor has no rows.</exception>
    public static FeatureGeometry Of(ReadOnlySpan<float> features, int dimensions, ReadOnlySpan<int> bins, int binCount, int anchor)
    {
        var options = new FeatureSmoothingOptions { Kernel = SmoothingKernel.Create(SmoothingKernelShape.Triangular, 1, 1) };
        using var statistics = new FeatureDistributionSmoothing(dimensions, binCount, options);
        statistics.Accumulate(features, bins);
        statistics.EndEpoch();
        FeatureStatisticsState state = statistics.Capture();
        if ((uint)anchor >= (uint)binCount || state.SamplesSeen[anchor] == 0)
        {
            throw new ArgumentException($"feature geometry: the anchor must be a bin with rows, but is {anchor}", nameof(anchor));
        }

        var diagnostics = new FeatureDiagnostics(state);
        long[] counts = state.SamplesSeen;
        return new FeatureGeometry(
            counts,
            anchor,
            Known(diagnostics.MeanSimilarity(anchor), counts, 1),
            counts[anchor] < 2 ? Unknown(binCount) : Known(diagnostics.VarianceSimilarity(anchor), counts, 2),
            KnownPairs(diagnostics.MeanSimilarities(), counts, 1),
            KnownPairs(diagnostics.VarianceSimilarities(), counts, 2));
    }

    private static double[] Unknown(int count)
    {
        var values = new double[count];
        Array.Fill(values, double.NaN);
        return values;
    }

    private static double[] Known(double[] values, long[] counts, long least) => [.. values.Select((value, b) => counts[b] >= least ? value : double.NaN)];

    private static double[] KnownPairs(double[] values, long[] counts, long least)
    {
        int bins = counts.Length;
        return [.. values.Select((value, at) => counts[at / bins] >= least && counts[at % bins] >= least ? value : double.NaN)];
    }
}
