using DirKernels.Metrics;
using Xunit;

namespace DirKernels.Tests.Metrics;

public sealed class MeanIntervalTests
{
    [Fact]
    public void ThreeSeedsByHand()
    {
        // mean 2, sd 1, t(2) at 97.5 % is 4.30265273: half width 4.30265273 / sqrt 3.
        MeanInterval interval = MeanInterval.Compute([1, 2, 3]);
        Assert.Equal(2, interval.Mean);
        Assert.Equal(2 - 4.30265273 / Math.Sqrt(3), interval.Lower!.Value, 7);
        Assert.Equal(2 + 4.30265273 / Math.Sqrt(3), interval.Upper!.Value, 7);
    }

    [Fact]
    public void OneSeedHasNoInterval()
    {
        MeanInterval interval = MeanInterval.Compute([7]);
        Assert.Equal((7.0, null, null), (interval.Mean, interval.Lower, interval.Upper));
    }

    [Fact]
    public void BadInput()
    {
        Assert.Throws<ArgumentException>(() => MeanInterval.Compute([]));
        Assert.Throws<ArgumentException>(() => MeanInterval.Compute([1, 2], 1));
        Assert.Contains("value 1", Assert.Throws<InvalidDataException>(() => MeanInterval.Compute([1, double.NaN])).Message);
    }

    [Fact]
    public void ProbabilityOfADifferenceGoesWithItsInterval()
    {
        double[] values = [1.2, 0.7, 1.9, 1.1, 0.4], zeros = new double[5];
        double p = PairedDifference.Compute(values, zeros).PValue!.Value;

        // The interval of confidence 1 - p ends at 0.
        Assert.Equal(0, PairedDifference.Compute(values, zeros, 1 - p).Lower!.Value, 9);
        // t = 1.06 / (0.5683309 / sqrt 5) = 4.17054; four degrees of freedom have a closed formula: with s = t / sqrt(4 + t^2) the p is 1 - s (3 - s^2) / 2.
        double mean = values.Average(), sd = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / 4), t = mean / (sd / Math.Sqrt(5));
        double s = t / Math.Sqrt(4 + t * t);
        Assert.Equal(1 - s * (3 - s * s) / 2, p, 9);
    }

    [Fact]
    public void ProbabilityAtTheEdges()
    {
        Assert.Null(PairedDifference.Compute([1], [2]).PValue);
        Assert.Equal(1, PairedDifference.Compute([1, 2], [1, 2]).PValue);
        Assert.Equal(0, PairedDifference.Compute([2, 3], [1, 2]).PValue);
    }
}
