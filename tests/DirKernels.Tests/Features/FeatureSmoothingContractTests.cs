using DirKernels.Conformance;
using DirKernels.Features;
using Xunit;

namespace DirKernels.Tests.Features;

/// <summary>Errors that say what and where, and states that continue to the same bits.</summary>
public sealed class FeatureSmoothingContractTests
{
    [Fact]
    public void WrongShapesNameBothSides()
    {
        using var smoothing = new FeatureDistributionSmoothing(4, 5, new() { Kernel = SmoothedBins.ThreeTaps });
        string message = Assert.Throws<ArgumentException>(() => smoothing.Accumulate(new float[11], [0, 1, 2])).Message;
        Assert.Contains("11 elements", message);
        Assert.Contains("rows of 4", message);
        Assert.Contains("3 entries", message);
        smoothing.EndEpoch();
        message = Assert.Throws<ArgumentException>(() => smoothing.Calibrate(new float[12], [0, 1, 2], new float[8])).Message;
        Assert.Contains("12", message);
        Assert.Contains("8", message);
        Assert.Throws<ArgumentException>(() => smoothing.CalibrateGradient(new float[12], [0, 1], new float[12]));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-1)]
    public void BinsOutOfRangeNameTheRow(int bin)
    {
        using var smoothing = new FeatureDistributionSmoothing(1, 5);
        smoothing.EndEpoch();
        foreach (Action<int[]> call in new Action<int[]>[]
        {
            bins => smoothing.Accumulate(new float[3], bins),
            bins => smoothing.Calibrate(new float[3], bins, new float[3]),
            bins => smoothing.CalibrateGradient(new float[3], bins, new float[3]),
        })
        {
            string message = Assert.Throws<ArgumentException>(() => call([0, 4, bin])).Message;
            Assert.Contains("row 2", message);
            Assert.Contains($"is {bin}", message);
            Assert.Contains("5 bins", message);
        }
    }

    [Fact]
    public void CalibrationNeedsAnEndedEpoch()
    {
        using var smoothing = new FeatureDistributionSmoothing(1, 5);
        Assert.Contains("EndEpoch", Assert.Throws<InvalidOperationException>(() => smoothing.Calibrate(new float[1], [0], new float[1])).Message);
        Assert.Contains("EndEpoch", Assert.Throws<InvalidOperationException>(() => smoothing.CalibrateGradient(new float[1], [0], new float[1])).Message);
    }

    [Fact]
    public void OptionsNameTheirValues()
    {
        void Check(FeatureSmoothingOptions options, string part) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>(() => new FeatureDistributionSmoothing(2, 5, options)).Message);
        Check(new() { Momentum = 1 }, "but is 1");
        Check(new() { Momentum = double.NaN }, "NaN");
        Check(new() { ClipLower = 0 }, "0..10");
        Check(new() { ClipLower = 3, ClipUpper = 2 }, "3..2");
        Check(new() { Strength = 0 }, "strength must be in (0, 1], but is 0");
        Check(new() { Strength = 1.5f }, "1.5");
        Check(new() { FirstCalibratedEpoch = 0 }, "but is 0");
        Check(new() { Mass = BinMass.Count, EmptyBins = EmptyBins.Fill }, "Fill");
        Check(new() { Kernel = SmoothingKernel.Create(SmoothingKernelShape.Gaussian, 7, 2) }, "7 taps are more than the 5 bins");
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureDistributionSmoothing(0, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureDistributionSmoothing(2, 0));
    }

    [Theory]
    [InlineData(EmptyBins.Exclude, 0.9)]
    [InlineData(EmptyBins.Keep, 0.9)]
    [InlineData(EmptyBins.Fill, 0.9)]
    [InlineData(EmptyBins.Exclude, null)]
    public void ARestoredStateContinuesToTheSameBits(EmptyBins emptyBins, double? momentum)
    {
        var options = new FeatureSmoothingOptions { Covariance = CovarianceKind.Block(3), Kernel = SmoothedBins.ThreeTaps, EmptyBins = emptyBins, Momentum = momentum };
        using var whole = new FeatureDistributionSmoothing(4, 5, options);
        using var continued = new FeatureDistributionSmoothing(4, 5, options);
        int[] other = SampleNumbers.Bins(8, 50, 5);
        for (int epoch = 0; epoch < 4; epoch++)
        {
            // What the other one saw of an epoch that did not end must not show.
            continued.Accumulate(SmoothedBins.Features(30 + epoch, other, 4), other);
            continued.Restore(whole.Capture());
            int[] bins = SampleNumbers.Bins(epoch, 80, 5, empty: epoch);
            float[] z = SmoothedBins.Features(20 + epoch, bins, 4);
            foreach (FeatureDistributionSmoothing smoothing in new[] { whole, continued })
            {
                smoothing.Accumulate(z, bins);
            }

            if (epoch > 0)
            {
                Assert.Equal(SmoothedBins.Calibrated(whole, z, bins), SmoothedBins.Calibrated(continued, z, bins));
            }

            Assert.Equal(whole.EndEpoch().Outcomes, continued.EndEpoch().Outcomes);
            FeatureStatisticsState a = whole.Capture(), b = continued.Capture();
            Assert.Equal(a.CompletedEpochs, b.CompletedEpochs);
            Assert.Equal(a.SamplesSeen, b.SamplesSeen);
            Assert.Equal(a.LastCounts, b.LastCounts);
            Assert.Equal(a.RunningMeans, b.RunningMeans);
            Assert.Equal(a.RunningCovariances, b.RunningCovariances);
            Assert.Equal(a.SmoothedMeans, b.SmoothedMeans);
            Assert.Equal(a.SmoothedCovariances, b.SmoothedCovariances);
        }
    }

    [Fact]
    public void ACapturedStateIsACopy()
    {
        using var smoothing = new FeatureDistributionSmoothing(1, 3, new() { Kernel = SmoothedBins.ThreeTaps });
        FeatureStatisticsState before = smoothing.Capture();
        smoothing.Accumulate([5f, 6], [1, 1]);
        smoothing.EndEpoch();
        Assert.Equal((0L, 0f, 0), (before.SamplesSeen[1], before.RunningMeans[1], before.CompletedEpochs));
    }

    [Fact]
    public void AStateOfOtherSizesIsRefused()
    {
        using var smoothing = new FeatureDistributionSmoothing(4, 5);
        foreach (FeatureDistributionSmoothing other in new[] { new FeatureDistributionSmoothing(3, 5), new(4, 6), new(4, 5, new() { Covariance = CovarianceKind.Full }) })
        {
            using (other)
            {
                Assert.Contains("[5 x 4]", Assert.Throws<InvalidDataException>(() => smoothing.Restore(other.Capture())).Message);
            }
        }
    }

    [Fact]
    public void EmptyBatchesAndEpochsChangeNothing()
    {
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(new() { Kernel = SmoothedBins.ThreeTaps }, 3, [1, 3, 10, 14], [0, 0, 1, 1]);
        FeatureStatisticsState before = smoothing.Capture();
        smoothing.Accumulate([], []);
        FeatureStatisticsReport report = smoothing.EndEpoch();
        Assert.All(report.EpochCounts, count => Assert.Equal(0, count));
        Assert.Equal(before.RunningMeans, smoothing.Capture().RunningMeans);
        Assert.Equal(before.SmoothedCovariances, smoothing.Capture().SmoothedCovariances);
        smoothing.Calibrate([], [], []);
    }
}
