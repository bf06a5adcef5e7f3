using DirKernels.Backends;
using DirKernels.Conformance;
using DirKernels.Features;
using Xunit;

namespace DirKernels.Tests.Features;

/// <summary>What calibration does with the statistics, which bins it leaves alone, and what it reports.</summary>
public sealed class FeatureCalibrationTests
{
    private const double U = ErrorBound.Unit;
    private static readonly int[] _bins = SampleNumbers.Bins(1, 400, 5);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void CalibratedFeaturesHaveTheSmoothedStatistics(int blockSize)
    {
        float[] z = SmoothedBins.Features(2, _bins, 4);
        var options = new FeatureSmoothingOptions
        {
            Covariance = CovarianceKind.Block(blockSize),
            Kernel = SmoothedBins.ThreeTaps,
            Shrinkage = Shrinkage.None,
            ClipLower = 1e-6f,
            ClipUpper = 1e6f,
        };
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(options, 5, z, _bins);
        Assert.All(smoothing.Report!.Outcomes, outcome => Assert.Equal(MapOutcome.Mapped, outcome));
        FeatureStatisticsState state = smoothing.Capture();
        var calibrated = new AccumulateMomentsReference(SmoothedBins.Calibrated(smoothing, z, _bins), _bins, new BinShape(5, 4, blockSize));

        // Calibrated values below 30 round (g + 4) times at most, maps and statistics once: 12u of 30, and of 2 * 30 * 6 in products.
        ErrorBound.Check([.. state.SmoothedMeans], calibrated.Means, _ => 12 * U * 30, "means");
        for (int at = 0; at < calibrated.Scatters.Length; at++)
        {
            int i = at / blockSize % 4, bin = at / blockSize / 4;
            if (at % blockSize <= i % blockSize)
            {
                Assert.Equal(state.SmoothedCovariances[at], calibrated.Scatters[at] / (calibrated.Counts[bin] - 1), 12 * U * 2 * 30 * 6);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void StrengthGoesPartOfTheWay(int blockSize)
    {
        float[] z = SmoothedBins.Features(2, _bins, 4);
        var options = new FeatureSmoothingOptions { Covariance = CovarianceKind.Block(blockSize), Kernel = SmoothedBins.ThreeTaps };
        using FeatureDistributionSmoothing whole = SmoothedBins.AfterEpoch(options, 5, z, _bins);
        using FeatureDistributionSmoothing part = SmoothedBins.AfterEpoch(options with { Strength = 0.3f }, 5, z, _bins);
        double[] expected = [.. z.Zip(SmoothedBins.Calibrated(whole, z, _bins), (from, to) => from + (double)0.3f * (to - from))];

        // Both results round (g + 4) times, values below 30.
        ErrorBound.Check(expected, SmoothedBins.Calibrated(part, z, _bins), _ => 16 * U * 30, "strength 0.3");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void MeanOnlyShifts(int blockSize)
    {
        float[] z = SmoothedBins.Features(2, _bins, 4);
        var options = new FeatureSmoothingOptions { Covariance = CovarianceKind.Block(blockSize), Kernel = SmoothedBins.ThreeTaps, Parts = CalibrationParts.Mean };
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(options, 5, z, _bins);
        FeatureStatisticsState state = smoothing.Capture();
        double[] expected = [.. z.Select((v, i) =>
        {
            int at = _bins[i / 4] * 4 + i % 4;
            return v + ((double)state.SmoothedMeans[at] - state.RunningMeans[at]);
        })];
        ErrorBound.Check(expected, SmoothedBins.Calibrated(smoothing, z, _bins), _ => 3 * U * 30, "shifted"); // two roundings of values below 30
    }

    [Fact]
    public void BinsWithoutNeighboursAndUnseenBinsPassUnchanged()
    {
        int[] bins = [.. Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? 0 : 5)];
        float[] z = SmoothedBins.Features(2, bins, 3);
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(new() { Kernel = SmoothedBins.ThreeTaps }, 9, z, bins);
        Assert.Equal(z, SmoothedBins.Calibrated(smoothing, z, bins));
        int[] unseen = [.. Enumerable.Range(0, 60).Select(i => 6 + i % 3)];
        Assert.Equal(z, SmoothedBins.Calibrated(smoothing, z, unseen));
        Assert.Equal(7, smoothing.Report!.IdentityBins);
    }

    [Fact]
    public void TooFewSamplesFallBackToTheDiagonalAndSaySo()
    {
        // Full covariances of four dimensions need five samples; bin 1 has four.
        int[] bins = [.. Enumerable.Repeat(0, 50), .. Enumerable.Repeat(1, 4), .. Enumerable.Repeat(2, 5)];
        float[] z = SmoothedBins.Features(2, bins, 4);
        var options = new FeatureSmoothingOptions { Covariance = CovarianceKind.Full, Kernel = SmoothedBins.ThreeTaps, Shrinkage = Shrinkage.None };
        using FeatureDistributionSmoothing full = SmoothedBins.AfterEpoch(options, 3, z, bins);
        using FeatureDistributionSmoothing diagonal = SmoothedBins.AfterEpoch(options with { Covariance = CovarianceKind.Diagonal }, 3, z, bins);
        Assert.Equal([MapOutcome.Mapped, MapOutcome.TooFewSamples, MapOutcome.Mapped], full.Report!.Outcomes);
        Assert.Equal(1, full.Report.DiagonalBins);
        Assert.Equal([50L, 4, 5], full.Report.EpochCounts);
        float[] a = SmoothedBins.Calibrated(full, z, bins), b = SmoothedBins.Calibrated(diagonal, z, bins);
        ErrorBound.Check([.. b[200..216]], a.AsSpan(200, 16), _ => 16 * U * 30, "bin 1"); // (g + 4) roundings of values below 30 in each
        Assert.NotEqual(b[..200], a[..200]);

        // Shrinkage makes a covariance of two samples positive definite.
        using FeatureDistributionSmoothing shrunk = SmoothedBins.AfterEpoch(options with { Shrinkage = Shrinkage.Estimated }, 3, z, bins);
        Assert.All(shrunk.Report!.Outcomes, outcome => Assert.Equal(MapOutcome.Mapped, outcome));
    }

    [Fact]
    public void EstimatedShrinkageIsThatOfTheFormula()
    {
        int[] bins = SampleNumbers.Bins(1, 40, 3);
        float[] z = SmoothedBins.Features(2, bins, 4);
        var options = new FeatureSmoothingOptions { Covariance = CovarianceKind.Full, Kernel = SmoothedBins.ThreeTaps };
        using FeatureDistributionSmoothing estimated = SmoothedBins.AfterEpoch(options with { Shrinkage = Shrinkage.Estimated }, 3, z, bins);
        float[] actual = SmoothedBins.Calibrated(estimated, z, bins);
        FeatureStatisticsState state = estimated.Capture();
        for (int b = 0; b < 3; b++)
        {
            double q = 0, p = 0;
            double Entry(int i, int j) => state.RunningCovariances[(b * 4 + Math.Max(i, j)) * 4 + Math.Min(i, j)];
            for (int i = 0; i < 4; i++)
            {
                for (int j = 0; j < 4; j++)
                {
                    q += i == j ? 0 : Entry(i, j) * Entry(i, j);
                    p += i == j ? 0 : Entry(i, i) * Entry(j, j);
                }
            }

            double share = Math.Min(1, (q + p) / (state.LastCounts[b] * q));
            Assert.InRange(share, 0.01, 0.99);
            using FeatureDistributionSmoothing fixedShare = SmoothedBins.AfterEpoch(options with { Shrinkage = Shrinkage.Fixed((float)share) }, 3, z, bins);
            float[] expected = SmoothedBins.Calibrated(fixedShare, z, bins);
            for (int i = 0; i < z.Length; i++)
            {
                if (bins[i / 4] == b)
                {
                    // (g + 4) roundings each, and the share in single precision: u times slopes of a map of condition below 100, values below 30.
                    Assert.Equal(expected[i], actual[i], 100 * U * 30);
                }
            }
        }
    }

    [Fact]
    public void FixedSharesAreChecked()
    {
        Assert.Contains("1.5", Assert.Throws<ArgumentException>(() => Shrinkage.Fixed(1.5f)).Message);
        Assert.Throws<ArgumentException>(() => Shrinkage.Fixed(float.NaN));
        Assert.Equal("estimated", Shrinkage.Estimated.ToString());
        Assert.Equal("0.25", Shrinkage.Fixed(0.25f).ToString());
    }

    [Fact]
    public void ConstantFeaturesPassUnchanged()
    {
        // Dimension 1 is constant in bin 0, everything is constant in bin 1.
        int[] bins = [0, 0, 0, 1, 1, 1];
        float[] z = [1, 5, 2, 5, 4, 5, 7, 8, 7, 8, 7, 8];
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(new() { Kernel = SmoothingKernel.Create(SmoothingKernelShape.Triangular, 1, 1) }, 2, z, bins);
        Assert.Equal([MapOutcome.Mapped, MapOutcome.Identity], smoothing.Report!.Outcomes);
        using FeatureDistributionSmoothing mixed = SmoothedBins.AfterEpoch(new() { Kernel = SmoothedBins.ThreeTaps }, 3, z, bins);
        float[] calibrated = SmoothedBins.Calibrated(mixed, z, bins);
        Assert.Equal(z[6..], calibrated[6..]);
        Assert.Equal([5f, 5, 5], new[] { calibrated[1], calibrated[3], calibrated[5] });
        Assert.NotEqual(z[0], calibrated[0]);
    }

    [Fact]
    public void TheFirstEpochIsNotCalibrated()
    {
        using var smoothing = new FeatureDistributionSmoothing(1, 3, new() { Kernel = SmoothedBins.ThreeTaps, FirstCalibratedEpoch = 2 });
        foreach (bool calibrating in new[] { false, false, true, true })
        {
            Assert.Equal(calibrating, smoothing.IsCalibrating);
            smoothing.Accumulate([1f, 2], [0, 1]);
            smoothing.EndEpoch();
        }

        using var defaults = new FeatureDistributionSmoothing(1, 5);
        Assert.False(defaults.IsCalibrating);
        Assert.Null(defaults.Report);
        defaults.EndEpoch();
        Assert.True(defaults.IsCalibrating);
        Assert.Equal(0, defaults.Report!.Epoch);
    }

    [Fact]
    public void CalibrationUsesTheLastEndedEpochOnly()
    {
        float[] z = SmoothedBins.Features(2, _bins, 4);
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(new() { Kernel = SmoothedBins.ThreeTaps }, 5, z, _bins);
        float[] before = SmoothedBins.Calibrated(smoothing, z, _bins);
        smoothing.Accumulate(SmoothedBins.Features(9, _bins, 4), _bins);
        Assert.Equal(before, SmoothedBins.Calibrated(smoothing, z, _bins));
        smoothing.EndEpoch();
        Assert.NotEqual(before, SmoothedBins.Calibrated(smoothing, z, _bins));
    }

    [Theory]
    [InlineData(1, 1f)]
    [InlineData(3, 0.4f)]
    [InlineData(4, 1f)]
    public void TheGradientIsTheSlopeOfCalibration(int blockSize, float strength)
    {
        float[] z = SmoothedBins.Features(2, _bins, 4), d = SampleNumbers.Normal(5, 40);
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(
            new() { Covariance = CovarianceKind.Block(blockSize), Kernel = SmoothedBins.ThreeTaps, Strength = strength }, 5, z, _bins);
        int[] bins = _bins[..10];
        var gradient = new float[40];
        smoothing.CalibrateGradient(d, bins, gradient);
        for (int i = 0; i < 40; i++)
        {
            // Calibration is affine, so that a step of 8 has no error of its own; values below 100 round 8 times in each of four entries of d below 3.
            float[] above = z[..40], below = z[..40];
            above[i] += 4;
            below[i] -= 4;
            float[] high = SmoothedBins.Calibrated(smoothing, above, bins), low = SmoothedBins.Calibrated(smoothing, below, bins);
            double slope = Enumerable.Range(0, 40).Sum(k => d[k] * ((double)high[k] - low[k])) / ((double)above[i] - below[i]);
            Assert.Equal(slope, gradient[i], 2 * 8 * U * 100 * 3 * 4 / 8);
        }
    }

    [Fact]
    public void SourceAndDestinationMayBeTheSame()
    {
        float[] z = SmoothedBins.Features(2, _bins, 4);
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(new() { Covariance = CovarianceKind.Full, Kernel = SmoothedBins.ThreeTaps }, 5, z, _bins);
        float[] expected = SmoothedBins.Calibrated(smoothing, z, _bins), gradient = new float[z.Length], same = [.. z];
        smoothing.Calibrate(same, _bins, same);
        Assert.Equal(expected, same);
        smoothing.CalibrateGradient(z, _bins, gradient);
        same = [.. z];
        smoothing.CalibrateGradient(same, _bins, same);
        Assert.Equal(gradient, same);
    }

    [Theory]
    [InlineData(1, EmptyBins.Exclude)]
    [InlineData(3, EmptyBins.Keep)]
    [InlineData(4, EmptyBins.Fill)]
    public void SteadyStateAllocatesNothingButTheReportOfAnEpoch(int blockSize, EmptyBins emptyBins)
    {
        foreach (int binCount in new[] { 5, 1000 })
        {
            float[] z = SmoothedBins.Features(2, _bins, 4), result = new float[z.Length];
            var options = new FeatureSmoothingOptions { Covariance = CovarianceKind.Block(blockSize), Kernel = SmoothedBins.ThreeTaps, EmptyBins = emptyBins };
            using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(options, binCount, z, _bins);
            Assert.Equal(0, AllocatedBytes.Smallest(() =>
            {
                smoothing.Accumulate(z, _bins);
                smoothing.Calibrate(z, _bins, result);
                smoothing.CalibrateGradient(z, _bins, result);
            }));

            // The report: 8 bytes of a count and 1 of an outcome for each bin, and three objects around them.
            Assert.InRange(AllocatedBytes.Smallest(() => smoothing.EndEpoch()), 9 * binCount, 9 * binCount + 128);
        }
    }
}
