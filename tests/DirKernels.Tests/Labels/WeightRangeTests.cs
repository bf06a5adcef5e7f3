using DirKernels.Conformance;
using DirKernels.Labels;
using Xunit;

namespace DirKernels.Tests.Labels;

public sealed class WeightRangeTests
{
    [Theory]
    [InlineData(0, 2.5)]
    [InlineData(0.4, 3)]
    [InlineData(0.5, double.PositiveInfinity)]
    [InlineData(1, 1)]
    public void WeightsStayInTheRangeWithMeanOneAndInOrder(double lower, double upper)
    {
        float[] before = [.. SampleNumbers.Normal(3, 5000).Select(x => MathF.Exp(2 * x))], weights = [.. before];
        new WeightRange(lower, upper).Apply(weights);
        Assert.All(weights, weight => Assert.InRange(weight, (float)lower, (float)upper));

        // The last of 60 halvings leaves 2^-60 of the scale; rounding each weight to single precision 2^-24 of the mean.
        Assert.Equal(1, weights.Average(weight => (double)weight), 6e-8);
        int[] order = [.. Enumerable.Range(0, before.Length).OrderBy(i => before[i])];
        for (int i = 1; i < order.Length; i++)
        {
            Assert.True(weights[order[i - 1]] <= weights[order[i]]);
        }

        // Inside the range all weights have the same factor.
        float[] factors = [.. Enumerable.Range(0, before.Length).Where(i => weights[i] > (float)lower && weights[i] < (float)upper).Select(i => weights[i] / before[i])];
        Assert.All(factors, factor => Assert.Equal(factors[0], factor, 1e-6 * factors[0]));
    }

    [Fact]
    public void WeightsThatAreInTheRangeAlreadyStay()
    {
        float[] weights = [0.5f, 1, 1.5f, 1];
        new WeightRange(0.5, 2).Apply(weights);
        Assert.Equal([0.5f, 1, 1.5f, 1], weights);
        new WeightRange(0, 2).Apply([]);
    }

    [Fact]
    public void WeightsOfBinsHaveMeanOneOverTheSamples()
    {
        LabelBins bins = LabelBins.Uniform(0, 1, 6);
        double[] labels = [.. Enumerable.Range(0, 1000).Select(i => i < 900 ? 0.5 : i < 980 ? 1.5 : i < 999 ? 2.5 : 4.5)];
        LabelWeights free = LabelDistributionSmoothing.Fit(labels, bins, null, Reweighting.Power(1));
        LabelWeights kept = new WeightRange(0.6, 3).Apply(free);
        Assert.True(free.Weights.Max() > 3 && free.Weights[0] < 0.6, "the range changes nothing: nothing is tested");
        Assert.All(kept.Weights, weight => Assert.InRange(weight, 0.6, 3));
        Assert.Equal(1, kept.Weights.Zip(kept.Counts, (weight, count) => weight * count).Sum() / 1000, 1e-12);
        Assert.Equal((free.Bins, free.Counts, free.Density), (kept.Bins, kept.Counts, kept.Density));

        // Row by row it is the same.
        float[] rows = free.Assign(labels), bounded = kept.Assign(labels);
        new WeightRange(0.6, 3).Apply(rows);
        Assert.All(rows.Zip(bounded), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.Equal(free, new WeightRange(0, double.PositiveInfinity).Apply(free), (a, b) => a.Weights.Zip(b.Weights, (x, y) => Math.Abs(x - y)).Max() < 1e-12);
        Assert.Contains("too many are 0", Assert.Throws<InvalidDataException>(() => new WeightRange(0, 2).Apply(new LabelWeights(bins, [99, 0, 0, 0, 0, 1], free.Density, [0, 0, 0, 0, 0, 100]))).Message);
    }

    [Fact]
    public void WhatCannotBeIsRefused()
    {
        Assert.Contains("0 <= lower <= 1 <= upper, but is 1.5..2", Assert.Throws<ArgumentException>(() => new WeightRange(1.5, 2)).Message);
        Assert.Throws<ArgumentException>(() => new WeightRange(0, 0.9));
        Assert.Throws<ArgumentException>(() => new WeightRange(double.NaN, 2));
        Assert.Contains("row 1", Assert.Throws<InvalidDataException>(() => new WeightRange(0, 2).Apply([1, float.NaN])).Message);
        Assert.Contains("row 0", Assert.Throws<InvalidDataException>(() => new WeightRange(0, 2).Apply([-1, 3])).Message);
        Assert.Throws<InvalidDataException>(() => new WeightRange(0, 2).Apply([0, 0, 0, 1]));
        Assert.Throws<InvalidDataException>(() => new WeightRange(0, 2).Apply([0, 0]));
    }
}
