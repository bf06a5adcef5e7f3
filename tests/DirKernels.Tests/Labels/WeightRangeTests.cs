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
