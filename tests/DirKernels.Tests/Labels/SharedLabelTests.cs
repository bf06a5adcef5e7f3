using DirKernels.Backends.Cpu;
using DirKernels.Labels;
using Xunit;

namespace DirKernels.Tests.Labels;

/// <summary>Labels that threads share: the same counts and weights as one thread's, whatever the slices.</summary>
public sealed class SharedLabelTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void WeightsAndCountsAreThoseOfOneThreadToTheBit(int threads)
    {
        using var backend = new CpuBackend(threads);
        foreach (int bins in new[] { 5, 100, 200, 300, 70_000 })
        {
            var grid = LabelBins.Uniform(0, 1, bins);
            foreach (int count in new[] { 1, 63, 65_535, 65_536, 65_537, 229_440, 300_001 })
            {
                double[] labels = Labels(count, bins);
                foreach (int offset in new[] { 0, 3 })
                {
                    float[] alone = new float[count + 8], shared = new float[count + 8];
                    shared.AsSpan().Fill(-1);
                    LabelDistributionSmoothing.Weights(labels, grid, SmoothingKernel.Default, Reweighting.SqrtInverse, Boundary.Zero, alone.AsSpan(offset, count));
                    LabelDistributionSmoothing.Weights(labels, grid, SmoothingKernel.Default, Reweighting.SqrtInverse, Boundary.Zero, shared.AsSpan(offset, count), backend);
                    Assert.Equal(alone.AsSpan(offset, count), shared.AsSpan(offset, count));
                    Assert.All(shared.Where((_, i) => i < offset || i >= offset + count), sentinel => Assert.Equal(-1, sentinel));
                }

                double[] expected = new double[bins], counts = new double[bins];
                LabelDistributionSmoothing.Count(labels, grid, expected);
                LabelDistributionSmoothing.Count(labels, grid, counts, backend);
                Assert.Equal(expected, counts);
                Assert.Equal(count, counts.Sum());
            }
        }
    }

    [Fact]
    public void WeightsStoredPastTheCachesAreTheSame()
    {
        using var backend = new CpuBackend(3);
        double[] labels = Labels(2_100_003, 100);
        float[] alone = new float[labels.Length], shared = new float[labels.Length];
        var grid = LabelBins.Uniform(0, 1, 100);
        LabelDistributionSmoothing.Weights(labels, grid, null, Reweighting.Inverse, alone);
        LabelDistributionSmoothing.Weights(labels, grid, null, Reweighting.Inverse, Boundary.Zero, shared, backend);
        Assert.Equal(alone, shared);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(70_000)]
    [InlineData(199_999)]
    public void TheFirstLabelThatIsNoNumberIsNamedByItsRow(int row)
    {
        using var backend = new CpuBackend(3);
        double[] labels = Labels(200_000, 50);
        labels[row] = double.NaN;
        labels[^1] = double.PositiveInfinity;
        var grid = LabelBins.Uniform(0, 1, 50);
        string alone = Assert.Throws<InvalidDataException>(() => LabelDistributionSmoothing.Count(labels, grid, new double[50])).Message;
        Assert.Contains($"{row}", alone);
        Assert.Equal(alone, Assert.Throws<InvalidDataException>(() => LabelDistributionSmoothing.Count(labels, grid, new double[50], backend)).Message);
        Assert.Equal(alone, Assert.Throws<InvalidDataException>(() => LabelDistributionSmoothing.Weights(
            labels, grid, null, Reweighting.Inverse, Boundary.Zero, new float[labels.Length], backend)).Message);

        // The threads are still there.
        labels[row] = labels[^1] = 1;
        LabelDistributionSmoothing.Count(labels, grid, new double[50], backend);
    }

    [Fact]
    public void SharingAllocatesNothingInSteadyState()
    {
        using var backend = new CpuBackend(2);
        double[] labels = Labels(100_000, 100);
        var weights = new float[labels.Length];
        var grid = LabelBins.Uniform(0, 1, 100);
        void Weigh() => LabelDistributionSmoothing.Weights(labels, grid, SmoothingKernel.Default, Reweighting.SqrtInverse, Boundary.Zero, weights, backend);
        Weigh();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Weigh();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static double[] Labels(int count, int bins) => [.. Enumerable.Range(0, count).Select(i => bins * 1.02 * CounterRandom.Uniform(3, (ulong)i) - 0.01 * bins)];
}
