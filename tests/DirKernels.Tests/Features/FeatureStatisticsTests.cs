using DirKernels.Backends;
using DirKernels.Conformance;
using DirKernels.Features;
using Xunit;

namespace DirKernels.Tests.Features;

/// <summary>What the running statistics are after one and several epochs.</summary>
public sealed class FeatureStatisticsTests
{
    private const double U = ErrorBound.Unit;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void BatchesOfAnySizeGiveTheSameStatistics(int blockSize)
    {
        int[] bins = SampleNumbers.Bins(1, 300, 6, empty: 2);
        float[] z = SmoothedBins.Features(2, bins, 5);
        var expected = new AccumulateMomentsReference(z, bins, new BinShape(6, 5, blockSize));
        foreach (int batch in new[] { 1, 7, 64, 299, 300 })
        {
            using var smoothing = new FeatureDistributionSmoothing(5, 6, new FeatureSmoothingOptions { Covariance = CovarianceKind.Block(blockSize) });
            for (int start = 0; start < 300; start += batch)
            {
                int count = Math.Min(batch, 300 - start);
                smoothing.Accumulate(z.AsSpan(start * 5, count * 5), bins.AsSpan(start, count));
            }

            FeatureStatisticsReport report = smoothing.EndEpoch();
            Assert.Equal(expected.Counts, report.EpochCounts);
            FeatureStatisticsState state = smoothing.Capture();
            for (int b = 0; b < 6; b++)
            {
                if (expected.Counts[b] == 0)
                {
                    continue;
                }

                // Double precision until the one rounding to single precision.
                int at = b * 5;
                ErrorBound.Check(expected.Means.AsSpan(at, 5), state.RunningMeans.AsSpan(at, 5), i => 2 * U * Math.Abs(expected.Means[at + i]), $"mean of bin {b}");
                double[] covariances = [.. expected.Scatters[(at * blockSize)..((at + 5) * blockSize)].Select(s => s / Math.Max(1, expected.Counts[b] - 1))];
                for (int i = 0; i < covariances.Length; i++)
                {
                    if (i % blockSize <= i / blockSize % blockSize)
                    {
                        // Products of blocks pass through up to 73 additions in single precision: 75 u of the root of the variances.
                        double Variance(int dimension) => covariances[(dimension * blockSize) + dimension % blockSize];
                        int row = i / blockSize, column = row - row % blockSize + i % blockSize;
                        double sums = blockSize == 1 ? 0 : 75 * U * Math.Sqrt(Variance(row) * Variance(column));
                        Assert.Equal(covariances[i], state.RunningCovariances[at * blockSize + i], 2 * U * Math.Abs(covariances[i]) + sums + 1e-12);
                    }
                }
            }
        }
    }

    [Fact]
    public void OneSampleHasItsMeanAndNoVariance()
    {
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(new() { Kernel = SmoothedBins.ThreeTaps }, 3, [3, -4], [1]);
        FeatureStatisticsState state = smoothing.Capture();
        Assert.Equal([3f, -4], state.RunningMeans[2..4]);
        Assert.Equal([0f, 0], state.RunningCovariances[2..4]);
    }

    [Fact]
    public void MomentumWeighsTheOldStatisticsAndTheFirstEpochOfABinOverwrites()
    {
        using var smoothing = new FeatureDistributionSmoothing(1, 3, new() { Kernel = SmoothedBins.ThreeTaps, Momentum = 0.75 });
        smoothing.Accumulate([1f, 3], [0, 0]); // mean 2, variance 2
        smoothing.EndEpoch();
        smoothing.Accumulate([10f, 14, 100], [0, 0, 1]); // mean 12, variance 8
        smoothing.EndEpoch();
        FeatureStatisticsState state = smoothing.Capture();
        Assert.Equal([0.75f * 2 + 0.25f * 12, 100], state.RunningMeans[..2]);
        Assert.Equal([0.75f * 2 + 0.25f * 8, 0], state.RunningCovariances[..2]);
        Assert.Equal([4L, 1, 0], state.SamplesSeen);
        Assert.Equal([2L, 1, 0], state.LastCounts);

        // A bin that an epoch does not show keeps its values to the bit.
        smoothing.Accumulate([5f], [1]);
        smoothing.EndEpoch();
        Assert.Equal(state.RunningMeans[0], smoothing.Capture().RunningMeans[0]);
        Assert.Equal(state.RunningCovariances[0], smoothing.Capture().RunningCovariances[0]);
        Assert.Equal(0.75f * 100 + 0.25f * 5, smoothing.Capture().RunningMeans[1]);
    }

    [Fact]
    public void WithoutMomentumEpochsWeighByTheirSamples()
    {
        using var smoothing = new FeatureDistributionSmoothing(1, 3, new() { Kernel = SmoothedBins.ThreeTaps, Momentum = null });
        double mean = 0, variance = 0;
        long total = 0;
        for (int epoch = 0; epoch < 6; epoch++)
        {
            float[] z = SampleNumbers.Normal(epoch, 2 + 3 * epoch, mean: 1, deviation: 2);
            smoothing.Accumulate(z, new int[z.Length]);
            smoothing.EndEpoch();
            double epochMean = z.Average(v => (double)v), epochVariance = z.Sum(v => (v - epochMean) * (v - epochMean)) / (z.Length - 1);
            total += z.Length;
            double take = z.Length / (double)total;
            (mean, variance) = ((1 - take) * mean + take * epochMean, (1 - take) * variance + take * epochVariance);
        }

        // One rounding to single precision for each of six epochs, of values below 8.
        FeatureStatisticsState state = smoothing.Capture();
        Assert.Equal(mean, state.RunningMeans[0], 6 * 8 * U);
        Assert.Equal(variance, state.RunningCovariances[0], 6 * 8 * U);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    public void FillTakesNeighboursFromLeftToRight(int onlyBin)
    {
        var options = new FeatureSmoothingOptions { Kernel = SmoothedBins.ThreeTaps, EmptyBins = EmptyBins.Fill };
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(options, 6, [8, 16, 24, 32], [.. Enumerable.Repeat(onlyBin, 4)]);
        double[] means = new double[6], variances = [1, 1, 1, 1, 1, 1];
        means[onlyBin] = 20;
        variances[onlyBin] = 320 / 3.0;
        for (int b = 0; b < 6; b++)
        {
            if (b != onlyBin)
            {
                (int left, int right) = (b == 0 ? 1 : b - 1, b == 5 ? 4 : b + 1);
                means[b] = (means[left] + means[right]) / 2;
                variances[b] = (variances[left] + variances[right]) / 2;
            }
        }

        // Halves and sums round once for each of up to five bins in a row.
        FeatureStatisticsState state = smoothing.Capture();
        ErrorBound.Check(means, state.RunningMeans, i => 6 * U * means[i], "means");
        ErrorBound.Check(variances, state.RunningCovariances, i => 6 * U * variances[i], "variances");
        Assert.Equal(Enumerable.Range(0, 6).Select(b => b == onlyBin ? 4L : 0), state.SamplesSeen);
    }

    [Fact]
    public void KeepStartsWithMeanZeroAndVarianceOne()
    {
        var options = new FeatureSmoothingOptions { Kernel = SmoothedBins.ThreeTaps, EmptyBins = EmptyBins.Keep };
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(options, 5, [8, 16, 24, 32], [2, 2, 2, 2]);
        FeatureStatisticsState state = smoothing.Capture();
        Assert.Equal([0f, 0, 20, 0, 0], state.RunningMeans);
        Assert.Equal([1f, 1, (float)(320 / 3.0), 1, 1], state.RunningCovariances);

        // Taps 1/4, 1/2, 1/4: empty bins take part.
        Assert.Equal([0f, 5, 10, 5, 0], state.SmoothedMeans);
        Assert.Equal(0, smoothing.Report!.IdentityBins);
    }

    [Fact]
    public void ExcludeRenormalisesOverTheBinsThatTakePart()
    {
        var options = new FeatureSmoothingOptions { Kernel = SmoothedBins.ThreeTaps };
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(options, 6, [1, 3, 10, 14, 100, 108], [1, 1, 2, 2, 5, 5]);
        FeatureStatisticsState state = smoothing.Capture();

        // Bin 1 reads (1/2 2 + 1/4 12) / (3/4), bin 2 reads (1/4 2 + 1/2 12) / (3/4); bin 5 mirrors onto the empty bin 4 and so stays alone.
        // The taps are divided, rounded and summed in single precision: four roundings.
        ErrorBound.Check([2 + 10 / 3.0, 2 + 20 / 3.0], state.SmoothedMeans.AsSpan(1, 2), _ => 4 * U * 12, "means");
        ErrorBound.Check([2 + 6 / 3.0, 2 + 12 / 3.0], state.SmoothedCovariances.AsSpan(1, 2), _ => 4 * U * 8, "variances");
        Assert.Equal((104f, 32f), (state.SmoothedMeans[5], state.SmoothedCovariances[5]));
        Assert.Equal([true, false, false, true, true, false], smoothing.Report!.Outcomes.Select(o => o == MapOutcome.Identity));
    }

    [Fact]
    public void TheKernelMirrorsAtBothEnds()
    {
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(
            new() { Kernel = SmoothedBins.ThreeTaps }, 3, [1, 3, 10, 14, 100, 108], [0, 0, 1, 1, 2, 2]);

        // c b | a b c | b a: the first bin reads its only neighbour twice.
        FeatureStatisticsState state = smoothing.Capture();
        ErrorBound.Check([7, 2 / 4.0 + 12 / 2.0 + 104 / 4.0, 58], state.SmoothedMeans, i => 4 * U * 104, "means");
    }

    [Fact]
    public void MassByCountWeighsWithTheSamplesSeen()
    {
        var options = new FeatureSmoothingOptions { Kernel = SmoothedBins.ThreeTaps, Mass = BinMass.Count };
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(options, 3, [2, 2, 2, 2, 2, 2, 10, 10], [0, 0, 0, 0, 0, 0, 1, 1]);

        // Bin 0: (1/2 6 2 + 2 1/4 2 10) / (1/2 6 + 2 1/4 2) = 16/4; bin 1: (1/4 6 2 + 1/2 2 10) / (1/4 6 + 1/2 2) = 13/2.5.
        ErrorBound.Check([16 / 4.0, 13 / 2.5], smoothing.Capture().SmoothedMeans.AsSpan(0, 2), _ => 4 * U * 10, "means");
    }
}
