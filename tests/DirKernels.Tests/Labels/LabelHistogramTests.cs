using DirKernels.Labels;
using Xunit;

namespace DirKernels.Tests.Labels;

public sealed class LabelHistogramTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(200)]
    [InlineData(5_000)]
    [InlineData(70_000)]
    public void CountsAreThoseOfEachLabelAlone(int binCount)
    {
        double[] labels = Labels(1, 9_001);
        foreach (LabelBins bins in new[] { LabelBins.Uniform(-1, 8.0 / binCount, binCount), LabelBins.FromEdges([-1, 0.5, 0.75, 3, 6]) })
        {
            var expected = new long[bins.Count];
            foreach (double label in labels)
            {
                expected[bins.IndexOf(label)]++;
            }

            var histogram = new LabelHistogram(bins);
            histogram.Add(labels.AsSpan(0, 10));
            histogram.Add(labels.AsSpan(10));
            Assert.Equal(expected, histogram.Counts);
            Assert.Equal(9_001, histogram.Total);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2_047)]
    [InlineData(2_048)]
    [InlineData(2_049)]
    [InlineData(7_000)]
    public void SinglePrecisionLabelsCountByTheirValue(int count)
    {
        float[] labels = Array.ConvertAll(Labels(2, count), label => (float)label);
        LabelHistogram narrow = new(LabelBins.Uniform(-1, 0.1, 60)), wide = new(narrow.Bins);
        narrow.Add(labels);
        wide.Add(Array.ConvertAll(labels, label => (double)label));
        Assert.Equal(wide.Counts, narrow.Counts);
        Assert.Equal(count, narrow.Total);
    }

    [Fact]
    public void RandomPartsInAnyOrderGiveTheCountsOfAll()
    {
        double[] labels = Labels(3, 20_000);
        var bins = LabelBins.Uniform(-1, 0.05, 100);
        var whole = new LabelHistogram(bins);
        whole.Add(labels);
        var random = new Random(4);
        for (int trial = 0; trial < 20; trial++)
        {
            LabelHistogram[] parts = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => new LabelHistogram(bins))];
            for (int start = 0, count; start < labels.Length; start += count)
            {
                count = Math.Min(random.Next(1, 3_000), labels.Length - start);
                parts[random.Next(parts.Length)].Add(labels.AsSpan(start, count));
            }

            random.Shuffle(parts);
            var merged = new LabelHistogram(LabelBins.Uniform(-1, 0.05, 100));
            foreach (LabelHistogram part in parts)
            {
                merged.Merge(part);
            }

            Assert.Equal(whole.Counts, merged.Counts);
            Assert.Equal(whole.Total, merged.Total);
        }

        whole.Merge(whole);
        Assert.Equal(40_000, whole.Total);
        Assert.Equal(40_000, whole.Counts.ToArray().Sum());
        whole.Clear();
        Assert.Equal(0, whole.Total);
        Assert.All(whole.Counts.ToArray(), count => Assert.Equal(0, count));
    }

    [Theory]
    [InlineData(Boundary.Zero)]
    [InlineData(Boundary.Symmetric)]
    public void WeightsAreThoseOfAllLabels(Boundary boundary)
    {
        double[] labels = Labels(5, 3_000);
        var bins = LabelBins.Uniform(-1, 0.1, 60);
        LabelHistogram first = new(bins), second = new(bins);
        first.Add(labels.AsSpan(0, 1_000));
        second.Add(labels.AsSpan(1_000));
        first.Merge(second);
        LabelWeights expected = LabelDistributionSmoothing.Fit(labels, bins, SmoothingKernel.Default, Reweighting.SqrtInverse, boundary);
        Assert.Equal(expected, first.Weights(SmoothingKernel.Default, Reweighting.SqrtInverse, boundary));
        Assert.Throws<InvalidDataException>(() => new LabelHistogram(bins).Weights(null, Reweighting.Inverse));
    }

    [Fact]
    public void OtherBinsAreNamed()
    {
        var histogram = new LabelHistogram(LabelBins.Uniform(0, 10, 98));
        string message = Assert.Throws<ArgumentException>(() => histogram.Merge(new LabelHistogram(LabelBins.Uniform(0, 5, 98)))).Message;
        Assert.Contains("98 bins of 10 from 0", message);
        Assert.Contains("98 bins of 5 from 0", message);
        message = Assert.Throws<ArgumentException>(() => histogram.Merge(new LabelHistogram(LabelBins.FromEdges(histogram.Bins.Edges)))).Message;
        Assert.Contains("98 bins from 0 to 980", message);

        // Nine digits are not enough to tell these apart.
        message = Assert.Throws<ArgumentException>(() => histogram.Merge(new LabelHistogram(LabelBins.Uniform(0, 10.000000001, 98)))).Message;
        Assert.Contains("edge 1 is 10 ", message);
        Assert.Contains("edge 1 is 10.000000001", message);
        Assert.Throws<ArgumentNullException>(() => histogram.Merge(null!));
        Assert.Throws<ArgumentNullException>(() => new LabelHistogram(null!));
    }

    [Fact]
    public void ALabelThatIsNotFiniteNamesItsRowAndCountsNothing()
    {
        foreach (int row in new[] { 0, 300, 2_500 })
        {
            var histogram = new LabelHistogram(LabelBins.Uniform(-1, 0.01, 700));
            double[] labels = Labels(6, 3_000);
            labels[row] = double.NegativeInfinity;
            Assert.Contains($"row {row} ", Assert.Throws<InvalidDataException>(() => histogram.Add(labels)).Message);
            float[] narrow = Array.ConvertAll(labels, label => (float)label);
            Assert.Contains($"row {row} ", Assert.Throws<InvalidDataException>(() => histogram.Add(narrow)).Message);
            Assert.Equal(0, histogram.Total);
            Assert.All(histogram.Counts.ToArray(), count => Assert.Equal(0, count));
        }
    }

    [Fact]
    public void MoreLabelsThanDoublesCountAreRefused()
    {
        var bins = LabelBins.Uniform(0, 1, 2);
        LabelHistogram half = new(bins);
        half.Add([0.5, 1.5]);
        for (int doubling = 1; doubling < 53; doubling++)
        {
            half.Merge(half);
        }

        Assert.Equal(1L << 53, half.Total);
        Assert.Contains("2^53", Assert.Throws<ArgumentException>(() => half.Add([0.5])).Message);
        Assert.Contains("2^53", Assert.Throws<ArgumentException>(() => half.Merge(half)).Message);
        Assert.Equal([1L << 52, 1L << 52], half.Counts);
        Assert.Equal(half.Counts, LabelHistogram.Read(half.ToBytes()).Counts);
    }

    [Fact]
    public void CountingAllocatesNothing()
    {
        double[] labels = Labels(7, 5_000);
        float[] narrow = Array.ConvertAll(labels, label => (float)label);
        LabelHistogram histogram = new(LabelBins.Uniform(-1, 0.05, 100)), other = new(histogram.Bins);
        Assert.Equal(0, AllocatedBytes.Smallest(() =>
        {
            histogram.Add(labels);
            histogram.Add(narrow);
            histogram.Merge(other);
        }));
    }

    private static double[] Labels(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => -Math.Log(1 - random.NextDouble()) - 1.2)];
    }
}
