using System.Globalization;
using DirKernels.Conformance;
using DirKernels.Labels;
using Xunit;

namespace DirKernels.Tests.Labels;

public sealed class LabelDistributionSmoothingTests
{
    [Fact]
    public void GoldenDensities()
    {
        foreach (var entry in GoldenFile.Read("density").EnumerateArray())
        {
            double[] counts = entry.GetProperty("counts").Doubles();
            string name = entry.GetProperty("reweight").GetString()!;
            var reweighting = name switch
            {
                "sqrt-inverse" => Reweighting.SqrtInverse,
                "inverse" => Reweighting.Inverse,
                _ => Reweighting.Power(double.Parse(name["power:".Length..], CultureInfo.InvariantCulture)),
            };
            var clip = entry.GetProperty("clip");
            reweighting = clip.ValueKind == System.Text.Json.JsonValueKind.Null
                ? reweighting.WithoutClip()
                : reweighting.WithClip(clip[0].GetDouble(), clip[1].GetDouble());
            string? shape = entry.GetProperty("kernel").GetString();
            var kernel = shape is null ? null : SmoothingKernel.Create(
                Enum.Parse<SmoothingKernelShape>(shape, ignoreCase: true), entry.GetProperty("size").GetInt32(), entry.GetProperty("sigma").GetDouble());
            var boundary = Enum.Parse<Boundary>(entry.GetProperty("boundary").GetString()!, ignoreCase: true);

            var fitted = LabelDistributionSmoothing.FitCounts(counts, LabelBins.Uniform(0, 1, counts.Length), kernel, reweighting, boundary);
            string what = $"{name} {kernel} {boundary}";
            Close.Equal(entry.GetProperty("effective").Doubles(), fitted.Density, Close.Float64, what + " density");
            Close.Equal(entry.GetProperty("weight").Doubles(), fitted.Weights, Close.Float64, what + " weight");
        }
    }

    [Theory]
    [InlineData(0.5, 0, double.PositiveInfinity, false)]
    [InlineData(1.0, 5, 1000, false)]
    [InlineData(1.0, 5, 1000, true)]
    [InlineData(0.3, 2, 40, true)]
    public void AgreesWithThePlainLoops(double power, double lower, double upper, bool symmetric)
    {
        var random = new Random(7);
        foreach (int bins in new[] { 9, 15, 40, 700 })
        {
            double[] counts = [.. Enumerable.Range(0, bins).Select(b => (double)Math.Max(0, random.Next(-20, 100)))];
            foreach (var kernel in new[] { null, SmoothingKernel.Gaussian(9, 2), SmoothingKernel.Laplace(5, 1), SmoothingKernel.Triangular(1) })
            {
                double[] expected = LabelDensityReference.EffectiveDensity(counts, kernel?.UnitMaximumTaps.ToArray(), power, lower, upper, symmetric);
                var fitted = LabelDistributionSmoothing.FitCounts(
                    counts, LabelBins.Uniform(-3, 0.5, bins), kernel, Reweighting.Power(power).WithClip(lower, upper), symmetric ? Boundary.Symmetric : Boundary.Zero);
                Close.Equal(expected, fitted.Density, 1e-13, "density");
                Close.Equal(LabelDensityReference.Weights(counts, expected), fitted.Weights, 1e-13, "weights");
            }
        }
    }

    [Fact]
    public void MeanWeightOverTheSamplesIsOne()
    {
        double[] labels = LongTail(20_000);
        var bins = LabelBins.Automatic(labels);
        foreach (var reweighting in new[] { Reweighting.SqrtInverse, Reweighting.Inverse, Reweighting.Power(0.25), Reweighting.None })
        {
            var fitted = LabelDistributionSmoothing.Fit(labels, bins, SmoothingKernel.Default, reweighting);
            Assert.Equal(1, labels.Average(fitted.WeightOf), 1e-12);
            Assert.Equal(labels.Length, fitted.Counts.Sum());
        }
    }

    [Fact]
    public void NoReweightingWeighsEverySampleOne()
    {
        double[] counts = [0, 3, 100, 0, 0, 0, 0, 0, 1];
        var fitted = LabelDistributionSmoothing.FitCounts(counts, LabelBins.Uniform(0, 1, 9), SmoothingKernel.Default, Reweighting.None);
        Assert.All(fitted.Weights, w => Assert.Equal(1, w));
    }

    [Fact]
    public void EmptyBinsWeighZeroUnlessTheirNeighboursAreFull()
    {
        double[] counts = [4, 0, 0, 0, 0, 9, 0];
        var bins = LabelBins.Uniform(0, 1, 7);
        Assert.Equal(0, LabelDistributionSmoothing.FitCounts(counts, bins, null, Reweighting.SqrtInverse).Weights[1]);
        double[] smoothed = LabelDistributionSmoothing.FitCounts(counts, bins, SmoothingKernel.Triangular(3), Reweighting.SqrtInverse).Weights;
        Assert.True(smoothed[1] > smoothed[0]);
        Assert.Equal(0, smoothed[2]);
    }

    [Fact]
    public void CountsOfShardsAdd()
    {
        double[] labels = LongTail(5_000);
        var bins = LabelBins.Quantiles(labels, 30);
        double[] first = new double[bins.Count], second = new double[bins.Count], whole = new double[bins.Count];
        LabelDistributionSmoothing.Count(labels.AsSpan(0, 1234), bins, first);
        LabelDistributionSmoothing.Count(labels.AsSpan(1234), bins, second);
        LabelDistributionSmoothing.Count(labels, bins, whole);
        Assert.Equal(whole, first.Zip(second, (a, b) => a + b));
        Assert.Equal(
            LabelDistributionSmoothing.Fit(labels, bins, SmoothingKernel.Default, Reweighting.Inverse),
            LabelDistributionSmoothing.FitCounts(whole, bins, SmoothingKernel.Default, Reweighting.Inverse));
    }

    [Fact]
    public void OneCallWeightsAreTheTableOfTheBins()
    {
        double[] labels = LongTail(3_000);
        foreach (int count in new[] { 20, 400 })
        {
            var bins = LabelBins.Uniform(-2, 0.1, count);
            var weights = new float[labels.Length];
            LabelDistributionSmoothing.Weights(labels, bins, SmoothingKernel.Default, Reweighting.SqrtInverse, weights);
            var fitted = LabelDistributionSmoothing.Fit(labels, bins, SmoothingKernel.Default, Reweighting.SqrtInverse);
            Assert.Equal(fitted.Assign(bins.Assign(labels)), weights);
            Assert.Equal(fitted.Assign(labels), weights);
            Assert.Equal((float)fitted.WeightOf(labels[17]), weights[17]);
        }
    }

    [Fact]
    public void SpanVerbsAllocateNothing()
    {
        double[] labels = LongTail(2_000);
        foreach (int count in new[] { 100, 1000 })
        {
            var bins = LabelBins.Uniform(-2, 0.05, count);
            double[] counts = new double[count], density = new double[count], weights = new double[count];
            var samples = new float[labels.Length];
            var kernel = SmoothingKernel.Default;
            void Run()
            {
                LabelDistributionSmoothing.Count(labels, bins, counts);
                LabelDistributionSmoothing.EffectiveDensity(counts, kernel, Reweighting.SqrtInverse, Boundary.Symmetric, density);
                LabelDistributionSmoothing.Weights(counts, density, weights);
                LabelDistributionSmoothing.Weights(labels, bins, kernel, Reweighting.Inverse, samples);
            }

            Run();
            long before = GC.GetAllocatedBytesForCurrentThread();
            Run();
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void NamesWhatIsWrong()
    {
        var bins = LabelBins.Uniform(0, 1, 5);
        var sqrt = Reweighting.SqrtInverse;
        Assert.Contains("row 2", Assert.Throws<InvalidDataException>(
            () => LabelDistributionSmoothing.Fit([1, 2, double.NaN], bins, null, sqrt)).Message);
        Assert.Contains("row 1", Assert.Throws<InvalidDataException>(
            () => LabelDistributionSmoothing.Fit([1, double.NegativeInfinity], LabelBins.FromEdges([0, 1, 7]), null, sqrt)).Message);
        Assert.Throws<InvalidDataException>(() => LabelDistributionSmoothing.Fit([], bins, null, sqrt));
        Assert.Contains("bin 1", Assert.Throws<InvalidDataException>(
            () => LabelDistributionSmoothing.FitCounts([1, -1, 0, 0, 0], bins, null, sqrt)).Message);
        Assert.Throws<InvalidDataException>(() => LabelDistributionSmoothing.FitCounts([1, 1, 0, 0, 0], bins, null, sqrt.WithClip(0, 0)));
        Assert.Contains("7 taps", Assert.Throws<ArgumentException>(
            () => LabelDistributionSmoothing.Fit([1], bins, SmoothingKernel.Gaussian(7, 2), sqrt)).Message);
        Assert.Throws<ArgumentException>(() => LabelDistributionSmoothing.Fit([1], bins, SmoothingKernel.Default, sqrt, Boundary.Mirror));
        Assert.Equal(1, LabelDistributionSmoothing.Fit([1], bins, null, sqrt, Boundary.Mirror).WeightOf(1));
        string message = Assert.Throws<ArgumentException>(
            () => LabelDistributionSmoothing.Weights([1, 2, 3], bins, null, sqrt, new float[2])).Message;
        Assert.Contains("3", message);
        Assert.Contains("2", message);
        var fitted = LabelDistributionSmoothing.Fit([1, 1, 3], bins, null, sqrt);
        Assert.Contains("row 1", Assert.Throws<InvalidDataException>(() => fitted.Assign((int[])[0, 5])).Message);
        Assert.Throws<InvalidDataException>(() => fitted.WeightOf(double.NaN));
        Assert.Throws<ArgumentException>(() => new LabelWeights(bins, new double[5], new double[4], new double[5]));
    }

    private static double[] LongTail(int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(_ => -Math.Log(1 - random.NextDouble()) - 0.5)];
    }
}
