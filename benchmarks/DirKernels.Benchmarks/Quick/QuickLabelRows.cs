using DirKernels.Backends.Cpu;
using DirKernels.Labels;

namespace DirKernels.Benchmarks.Quick;

/// <summary>From labels to weights.</summary>
internal static class QuickLabelRows
{
    public static QuickRow Weights(CpuBackend backend, int count = 10_000_000) => new(FormattableString.Invariant($"label weights {count / 1e6:G3}M"), QuickLimit.Read, 0, (double)(sizeof(double) + sizeof(float)) * count, () =>
    {
        double[] labels = [.. Enumerable.Range(0, count).Select(i => -20 * Math.Log(1 - CounterRandom.Uniform(1, (ulong)i)))];
        var weights = new float[count];
        var bins = LabelBins.Uniform(0, 1, 100);
        return (() => LabelDistributionSmoothing.Weights(labels, bins, SmoothingKernel.Default, Reweighting.SqrtInverse, Boundary.Zero, weights, backend), []);
    });
}
