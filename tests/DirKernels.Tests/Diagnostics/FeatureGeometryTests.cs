using DirKernels.Diagnostics;
using Xunit;

namespace DirKernels.Tests.Diagnostics;

public sealed class FeatureGeometryTests
{
    private const int Dimensions = 5, BinCount = 6;

    [Fact]
    public void SimilaritiesAreThoseOfPlainMeansAndVariances()
    {
        (float[] features, int[] bins) = Rows();
        var geometry = FeatureGeometry.Of(features, Dimensions, bins, BinCount, 1);
        double[]?[] means = [.. Enumerable.Range(0, BinCount).Select(b => MeansOf(features, bins, b))];
        double[]?[] variances = [.. Enumerable.Range(0, BinCount).Select(b => VariancesOf(features, bins, b))];
        for (int a = 0; a < BinCount; a++)
        {
            Assert.Equal(bins.Count(bin => bin == a), geometry.Counts[a]);
            AssertClose(Cosine(means[a], means[1]), geometry.MeanToAnchor[a]);
            AssertClose(Cosine(variances[a], variances[1]), geometry.VarianceToAnchor[a]);
            for (int b = 0; b < BinCount; b++)
            {
                AssertClose(Cosine(means[a], means[b]), geometry.Means[a * BinCount + b]);
                AssertClose(Cosine(variances[a], variances[b]), geometry.Variances[a * BinCount + b]);
            }
        }

        // Bin 3 is empty, bin 4 has one row.
        Assert.True(double.IsNaN(geometry.Means[3]) && double.IsNaN(geometry.Variances[4]) && !double.IsNaN(geometry.Means[4]));
    }

    [Fact]
    public void TheAnchorNeedsRows()
    {
        (float[] features, int[] bins) = Rows();
        Assert.Contains("but is 3", Assert.Throws<ArgumentException>(() => FeatureGeometry.Of(features, Dimensions, bins, BinCount, 3)).Message);
        Assert.Throws<ArgumentException>(() => FeatureGeometry.Of(features, Dimensions, bins, BinCount, BinCount));
        Assert.All(FeatureGeometry.Of(features, Dimensions, bins, BinCount, 4).VarianceToAnchor, value => Assert.True(double.IsNaN(value)));
    }

    [Fact]
    public void CorrelationsAreThoseOfTheDefinition()
    {
        double?[] errors = [5, null, 3, 1, 2];
        double[] empirical = [1, 0, 10, 200, 50], effective = [4, 3, 20, 150, 60];
        var correlations = DensityCorrelations.Of(errors, empirical, effective);
        double[] y = [5, 3, 1, 2];
        Assert.Equal(4, correlations.Bins);
        Assert.Equal(Pearson([1, 10, 200, 50], y), correlations.Empirical!.Value, 12);
        Assert.Equal(Pearson([Math.Log(2), Math.Log(11), Math.Log(201), Math.Log(51)], y), correlations.LogEmpirical!.Value, 12);
        Assert.Equal(Pearson([4, 20, 150, 60], y), correlations.Effective!.Value, 12);
        Assert.Equal(Pearson([Math.Log(5), Math.Log(21), Math.Log(151), Math.Log(61)], y), correlations.LogEffective!.Value, 12);
        Assert.Null(DensityCorrelations.Of([1, null], [1, 2], [1, 2]).Empirical);
        Assert.Throws<ArgumentException>(() => DensityCorrelations.Of([1], [1, 2], [1, 2]));
    }

    private static (float[] Features, int[] Bins) Rows()
    {
        var random = new Random(8);
        int[] bins = [.. Enumerable.Range(0, 60).Select(i => i % 4 == 3 ? 5 : i % 3), 4];
        float[] features = [.. Enumerable.Range(0, bins.Length * Dimensions).Select(_ => (float)(random.NextDouble() * 3 - 0.5))];
        return (features, bins);
    }

    private static double[]? MeansOf(float[] features, int[] bins, int bin)
    {
        int[] rows = [.. Enumerable.Range(0, bins.Length).Where(row => bins[row] == bin)];
        return rows.Length == 0 ? null : [.. Enumerable.Range(0, Dimensions).Select(d => rows.Average(row => (double)features[row * Dimensions + d]))];
    }

    private static double[]? VariancesOf(float[] features, int[] bins, int bin)
    {
        int[] rows = [.. Enumerable.Range(0, bins.Length).Where(row => bins[row] == bin)];
        double[]? means = MeansOf(features, bins, bin);
        return rows.Length < 2
            ? null
            : [.. Enumerable.Range(0, Dimensions).Select(d => rows.Sum(row => Math.Pow(features[row * Dimensions + d] - means![d], 2)) / (rows.Length - 1))];
    }

    private static double Cosine(double[]? x, double[]? y) => x is null || y is null
        ? double.NaN
        : x.Zip(y).Sum(pair => pair.First * pair.Second) / Math.Sqrt(x.Sum(v => v * v) * y.Sum(v => v * v));

    private static double Pearson(double[] x, double[] y)
    {
        double meanX = x.Average(), meanY = y.Average();
        return x.Zip(y).Sum(pair => (pair.First - meanX) * (pair.Second - meanY))
            / Math.Sqrt(x.Sum(v => (v - meanX) * (v - meanX)) * y.Sum(v => (v - meanY) * (v - meanY)));
    }

    // Statistics are kept in single precision: 24 bits, and a cosine changes by at most twice the relative change of its vectors.
    private static void AssertClose(double expected, double actual)
    {
        if (double.IsNaN(expected))
        {
            Assert.True(double.IsNaN(actual));
        }
        else
        {
            Assert.InRange(actual, expected - 1e-6, expected + 1e-6);
        }
    }
}
