using System.Diagnostics;
using DirKernels.Conformance;
using DirKernels.Labels;
using Xunit;

namespace DirKernels.Tests.Labels;

public sealed class DenseWeightTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(3e6, 5e6)]
    [InlineData(1e-6, -2e-6)]
    [InlineData(1e-100, 0)]
    public void IsWithinItsAccuracyOfTheExactEstimateInAnyUnit(double unit, double offset)
    {
        double[] labels = [.. LongTail(1500, outliers: 3).Select(y => offset + unit * y)];
        double[] expected = DenseWeightReference.Density(labels);
        foreach (double alpha in new[] { 0.5, 1.0, 1.5 })
        {
            var fitted = DenseWeight.Fit(labels, alpha, 1e-3);
            Assert.Equal(1, labels.Average(fitted.WeightOf), 1e-9);
            double[] weights = DenseWeightReference.Weights(expected, alpha, 1e-3);
            for (int i = 0; i < labels.Length; i++)
            {
                Assert.Equal(expected[i], fitted.DensityOf(labels[i]), 3e-4);
                Assert.Equal(weights[i], fitted.WeightOf(labels[i]), 3e-3);
            }
        }
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.02)]
    [InlineData(3)]
    public void TakesABandwidthInUnitsOfTheRange(double bandwidth)
    {
        double[] labels = [.. LongTail(800, outliers: 0)];
        double[] expected = DenseWeightReference.Density(labels, bandwidth * (labels.Max() - labels.Min()));
        var fitted = DenseWeight.Fit(labels, bandwidth: bandwidth);
        Close.Equal(expected, [.. labels.Select(fitted.DensityOf)], 3e-4, "density");
    }

    [Fact]
    public void IntegerLabelsAreAsAccurate()
    {
        double[] labels = [.. LongTail(2000, outliers: 0).Select(y => Math.Round(20 * y))];
        Close.Equal(DenseWeightReference.Density(labels), [.. labels.Select(DenseWeight.Fit(labels).DensityOf)], 3e-4, "density");
    }

    [Fact]
    public void RareLabelsWeighMoreAndLabelsBeyondTheRangeAtMostAsMuchAsTheRarest()
    {
        double[] labels = [.. Enumerable.Repeat(1.0, 50), .. Enumerable.Repeat(2.0, 5), 9.0];
        var fitted = DenseWeight.Fit(labels);
        Assert.True(fitted.WeightOf(9) > fitted.WeightOf(2));
        Assert.True(fitted.WeightOf(2) > fitted.WeightOf(1));
        Assert.Equal(fitted.WeightOf(9), fitted.WeightOf(1e9));
        Assert.Equal([(float)fitted.WeightOf(2), (float)fitted.WeightOf(-3)], fitted.Assign([2, -3]));
        Assert.All(DenseWeight.Fit(labels, alpha: 0).Assign(labels), w => Assert.Equal(1, w));
        Assert.All(DenseWeight.Fit([1, 2]).Assign([1, 2]), w => Assert.Equal(1, w, 1e-6));
    }

    [Fact]
    public void AMillionLabelsTakeWellUnderASecond()
    {
        double[] labels = [.. LongTail(1_000_000, outliers: 1)];
        DenseWeight.Fit(labels.AsSpan(0, 1000));
        var watch = Stopwatch.StartNew();
        DenseWeight.Fit(labels);
        Assert.True(watch.Elapsed.TotalSeconds < 2, $"took {watch.Elapsed.TotalSeconds} s");
    }

    [Fact]
    public void NamesWhatIsWrong()
    {
        Assert.Contains("row 1", Assert.Throws<InvalidDataException>(() => DenseWeight.Fit([1, double.NaN])).Message);
        Assert.Contains("equal", Assert.Throws<InvalidDataException>(() => DenseWeight.Fit([4, 4, 4])).Message);
        Assert.Throws<InvalidDataException>(() => DenseWeight.Fit([]));
        Assert.Throws<InvalidDataException>(() => DenseWeight.Fit([-1.7e308, 1.7e308]));
        Assert.Throws<ArgumentException>(() => DenseWeight.Fit([1, 2], alpha: -1));
        Assert.Throws<ArgumentException>(() => DenseWeight.Fit([1, 2], epsilon: 0));
        Assert.Throws<ArgumentException>(() => DenseWeight.Fit([1, 2], bandwidth: 0));
        Assert.Throws<ArgumentException>(() => DenseWeight.Fit([1, 2], bandwidth: double.NaN));
        Assert.Throws<InvalidDataException>(() => DenseWeight.Fit([1, 2]).WeightOf(double.PositiveInfinity));
        Assert.Throws<ArgumentException>(() => DenseWeight.Fit([1, 2]).Assign([1, 2], new float[3]));
    }

    private static IEnumerable<double> LongTail(int count, int outliers)
    {
        var random = new Random(11);
        for (int i = 0; i < count; i++)
        {
            yield return i < outliers ? 40 + i : -Math.Log(1 - random.NextDouble());
        }
    }
}
