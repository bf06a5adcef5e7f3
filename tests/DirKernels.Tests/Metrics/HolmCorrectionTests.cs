using DirKernels.Metrics;
using Xunit;

namespace DirKernels.Tests.Metrics;

public sealed class HolmCorrectionTests
{
    [Fact]
    public void WorkedExample()
    {
        // Sorted .005 .01 .03 .04 times 4 3 2 1: .02 .03 .06 .04, the last raised to .06 since probabilities may not fall.
        double[] adjusted = HolmCorrection.Adjust([0.01, 0.04, 0.03, 0.005]);
        double[] expected = [0.03, 0.06, 0.06, 0.02];
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], adjusted[i], 15);
        }
    }

    [Fact]
    public void NeverBelowTheProbabilityNorAboveBonferroni()
    {
        var random = new Random(5);
        for (int trial = 0; trial < 50; trial++)
        {
            double[] p = [.. Enumerable.Range(0, 1 + trial % 12).Select(_ => random.NextDouble() * random.NextDouble())];
            double[] adjusted = HolmCorrection.Adjust(p);
            for (int i = 0; i < p.Length; i++)
            {
                Assert.InRange(adjusted[i], p[i], Math.Min(1, p.Length * p[i]) + 1e-15);

                // By the definition: the largest (number of tests at least this improbable) p over all more probable ones.
                double[] lower = [.. p.Where(other => other <= p[i])];
                double expected = lower.Max(other => Math.Min(1, p.Count(q => q >= other) * other));
                Assert.Equal(expected, adjusted[i], 14);
            }
        }
    }

    [Fact]
    public void OneTestIsItselfAndNoneIsNone()
    {
        Assert.Equal([0.3], HolmCorrection.Adjust([0.3]));
        Assert.Empty(HolmCorrection.Adjust([]));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void WhatIsNoProbabilityIsNamed(double p) =>
        Assert.Contains("probability 1", Assert.Throws<ArgumentException>(() => HolmCorrection.Adjust([0.5, p])).Message);
}
