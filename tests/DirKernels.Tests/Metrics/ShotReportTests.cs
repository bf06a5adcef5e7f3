using System.Text.Json;
using DirKernels.Conformance;
using DirKernels.Labels;
using DirKernels.Metrics;
using Xunit;

namespace DirKernels.Tests.Metrics;

public sealed class ShotReportTests
{
    [Fact]
    public void GoldenShots()
    {
        JsonElement golden = GoldenFile.Read("shots");
        double[] train = golden.GetProperty("trainLabels").Doubles(), labels = golden.GetProperty("labels").Doubles();
        var bins = LabelBins.Uniform(0, 1, (int)Math.Max(train.Max(), labels.Max()) + 1);
        var counts = new double[bins.Count];
        LabelDistributionSmoothing.Count(train, bins, counts);
        var thresholds = new ShotThresholds(golden.GetProperty("manyThreshold").GetDouble(), golden.GetProperty("fewThreshold").GetDouble());
        var report = ShotReport.Compute(golden.GetProperty("predictions").Doubles(), labels, bins, counts, thresholds);

        JsonElement expected = golden.GetProperty("report");
        Check(expected.GetProperty("overall"), report.Overall);
        Check(expected.GetProperty("many"), report.Many!);
        Check(expected.GetProperty("medium"), report.Medium!);
        Check(expected.GetProperty("few"), report.Few!);
        Assert.Equal(labels.Count(y => counts[(int)y] == 0), report.ZeroShot!.Count);

        static void Check(JsonElement expected, RegressionErrors actual)
        {
            Assert.Equal(expected.GetProperty("count").GetInt32(), actual.Count);
            Close.Equal(expected.GetProperty("mse").GetDouble(), actual.MeanSquaredError, Close.Float64, "mse");
            Close.Equal(expected.GetProperty("mae").GetDouble(), actual.MeanAbsoluteError, Close.Float64, "mae");

            // The golden predictions carry nine digits (5e-8), which small errors magnify in the geometric mean.
            Close.Equal(expected.GetProperty("gm").GetDouble(), actual.GeometricMean, 1e-7, "gm");
            Close.Equal(expected.GetProperty("pearson").GetDouble(), actual.Pearson!.Value, Close.Float64, "pearson");
        }
    }

    [Fact]
    public void TabulatesBinsAndBalancesOverThem()
    {
        var bins = LabelBins.Uniform(-1, 1, 5);
        double[] labels = [-0.5, -0.2, 0.5, 3.5], predictions = [0.5, -1.2, 0.5, 1.5], trainCounts = [150, 40, 3, 0, 0];
        var report = ShotReport.Compute(predictions, labels, bins, trainCounts, effectiveDensity: [10, 5, 2, 1, 0.5]);

        Assert.Equal(new BinErrors(0, -1, 0, 150, 2, 1, 1, 0), report.Bins[0] with { MeanError = Math.Round(report.Bins[0].MeanError!.Value, 12) });
        Assert.Equal(new BinErrors(1, 0, 1, 40, 1, 0, 0, 0), report.Bins[1]);
        Assert.Equal(new BinErrors(2, 1, 2, 3, 0, null, null, null), report.Bins[2]);
        Assert.Equal(new BinErrors(4, 3, 4, 0, 1, 2, 4, -2), report.Bins[4]);
        Assert.Equal((1.0 + 0 + 2) / 3, report.BalancedMeanAbsoluteError, 1e-15);
        Assert.Equal((1.0 + 0 + 4) / 3, report.BalancedMeanSquaredError, 1e-15);
        Assert.Equal(2, report.Many!.Count);
        Assert.Equal(1, report.Medium!.Count);
        Assert.Equal(1, report.Few!.Count);
        Assert.Equal(report.Few, report.ZeroShot);
        Assert.Equal(
            RegressionErrorsReference.Pearson([Math.Log(151), Math.Log(41), 0], [1, 0, 2]), report.LogCountErrorCorrelation!.Value, 1e-12);
        Assert.Equal(RegressionErrorsReference.Pearson([10, 5, 0.5], [1, 0, 2]), report.DensityErrorCorrelation!.Value, 1e-12);
    }

    [Fact]
    public void AnEmptyRegionIsAbsent()
    {
        var report = ShotReport.Compute([1, 2], [0.5, 0.6], LabelBins.Uniform(0, 1, 3), [500, 0, 0]);
        Assert.NotNull(report.Many);
        Assert.Null(report.Medium);
        Assert.Null(report.Few);
        Assert.Null(report.ZeroShot);
        Assert.Null(report.LogCountErrorCorrelation);
        Assert.Null(report.DensityErrorCorrelation);
    }

    [Fact]
    public void PrescribedRegionsTakeThePlaceOfCounts()
    {
        var bins = LabelBins.Uniform(0, 1, 3);
        ShotRegion[] regions = [ShotRegion.Few, ShotRegion.Many, ShotRegion.Medium];
        var report = ShotReport.Compute([1, 2, 5], [0.5, 1.5, 2.5], bins, [500, 0, 0], regions: regions);
        Assert.Equal(0.5, report.Few!.MeanAbsoluteError);
        Assert.Equal(0.5, report.Many!.MeanAbsoluteError);
        Assert.Equal(2.5, report.Medium!.MeanAbsoluteError);
        Assert.Null(report.ZeroShot);
        Assert.Contains(
            "2 entries but there are 3 bins",
            Assert.Throws<ArgumentException>(() => ShotReport.Compute([1], [1], bins, [1, 2, 3], regions: [ShotRegion.Few, ShotRegion.Many])).Message);
    }

    [Theory]
    [InlineData(0, ShotRegion.ZeroShot)]
    [InlineData(1, ShotRegion.Few)]
    [InlineData(19, ShotRegion.Few)]
    [InlineData(20, ShotRegion.Medium)]
    [InlineData(100, ShotRegion.Medium)]
    [InlineData(101, ShotRegion.Many)]
    public void PublishedThresholds(double count, ShotRegion region) => Assert.Equal(region, ShotThresholds.Default.RegionOf(count));

    [Fact]
    public void NamesWhatIsWrong()
    {
        var bins = LabelBins.Uniform(0, 1, 3);
        Assert.Throws<ArgumentException>(() => ShotReport.Compute([1], [1], bins, [1, 2]));
        Assert.Throws<ArgumentException>(() => ShotReport.Compute([1], [1], bins, [1, 2, 3], effectiveDensity: [1]));
        Assert.Contains("bin 1", Assert.Throws<InvalidDataException>(() => ShotReport.Compute([1], [1], bins, [1, -2, 3])).Message);
        Assert.Throws<ArgumentException>(() => new ShotThresholds(10, 20));
        Assert.Throws<ArgumentException>(() => new ShotThresholds(10, double.NaN));
        Assert.Throws<ArgumentException>(() => new ShotThresholds(10, -1));
    }
}
