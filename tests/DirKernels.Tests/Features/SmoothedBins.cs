using DirKernels.Conformance;
using DirKernels.Features;

namespace DirKernels.Tests.Features;

/// <summary>Features whose mean and spread change from bin to bin, and the smoothing that has seen an epoch of them.</summary>
internal static class SmoothedBins
{
    public static SmoothingKernel ThreeTaps { get; } = SmoothingKernel.Create(SmoothingKernelShape.Triangular, 3, 1);

    public static float[] Features(int seed, int[] bins, int dimensions)
    {
        float[] z = SampleNumbers.Normal(seed, bins.Length * dimensions);
        for (int i = 0; i < z.Length; i++)
        {
            int bin = bins[i / dimensions];
            z[i] = z[i] * (1 + 0.3f * bin) + 2 * bin + (i % dimensions == 0 ? 0 : 0.5f * z[i - 1]);
        }

        return z;
    }

    public static FeatureDistributionSmoothing AfterEpoch(FeatureSmoothingOptions options, int binCount, float[] features, int[] bins)
    {
        var smoothing = new FeatureDistributionSmoothing(features.Length / bins.Length, binCount, options);
        smoothing.Accumulate(features, bins);
        smoothing.EndEpoch();
        return smoothing;
    }

    public static float[] Calibrated(FeatureDistributionSmoothing smoothing, float[] features, int[] bins)
    {
        var calibrated = new float[features.Length];
        smoothing.Calibrate(features, bins, calibrated);
        return calibrated;
    }
}
