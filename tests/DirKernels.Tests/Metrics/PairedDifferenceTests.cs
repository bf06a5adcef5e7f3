using DirKernels.Metrics;
using Xunit;

namespace DirKernels.Tests.Metrics;

public sealed class PairedDifferenceTests
{
    [Fact]
    public void IntervalOfThreeSeeds()
    {
        // Differences -1, -2, -3: mean -2, sd 1, half-width 4.30265272974946 / sqrt 3.
        var difference = PairedDifference.Compute([9, 18, 27], [10, 20, 30]);
        Assert.Equal(3, difference.Count);
        Assert.Equal(-2, difference.Mean);
        Assert.Equal(1, difference.StandardDeviation);
        Assert.Equal(-2 - 2.484137712, difference.Lower!.Value, 1e-8);
        Assert.Equal(-2 + 2.484137712, difference.Upper!.Value, 1e-8);
        Assert.False(difference.ExcludesZero);
        Assert.True(PairedDifference.Compute([9, 18, 27], [10, 20, 30], 0.8).ExcludesZero);
        Assert.True(PairedDifference.Compute([10, 20, 30], [9, 18, 27], 0.8).ExcludesZero);
    }

    [Fact]
    public void OnePairHasNoInterval()
    {
        var difference = PairedDifference.Compute([3], [1]);
        Assert.Equal(2, difference.Mean);
        Assert.Null(difference.StandardDeviation);
        Assert.Null(difference.Lower);
        Assert.Null(difference.Upper);
        Assert.False(difference.ExcludesZero);
    }

    [Fact]
    public void AMethodDoesNotDifferFromItself()
    {
        var difference = PairedDifference.Compute([3, 4], [3, 4]);
        Assert.Equal(0, difference.Lower);
        Assert.False(difference.ExcludesZero);
    }

    [Fact]
    public void IntervalCoversTheTruthAsOftenAsItSays()
    {
        var random = new Random(1);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        int covered = 0;
        for (int trial = 0; trial < 4000; trial++)
        {
            var difference = PairedDifference.Compute([1 + Normal(), 1 + Normal(), 1 + Normal()], [0, 0, 0]);
            covered += difference.Lower <= 1 && difference.Upper >= 1 ? 1 : 0;
        }

        Assert.Equal(0.95, covered / 4000.0, 0.015);
    }

    [Fact]
    public void MeanAndDeviationOverSeeds()
    {
        Assert.Equal(new MeanAndDeviation(4, 2.5, Math.Sqrt(5.0 / 3)), MeanAndDeviation.Compute([1, 2, 3, 4]));
        Assert.Equal(new MeanAndDeviation(1, 7, null), MeanAndDeviation.Compute([7]));
    }

    [Fact]
    public void NamesWhatIsWrong()
    {
        Assert.Throws<ArgumentException>(() => MeanAndDeviation.Compute([]));
        Assert.Contains("value 1", Assert.Throws<InvalidDataException>(() => MeanAndDeviation.Compute([1, double.NaN])).Message);
        Assert.Throws<ArgumentException>(() => PairedDifference.Compute([1], [1, 2]));
        Assert.Throws<ArgumentException>(() => PairedDifference.Compute([], []));
        Assert.Throws<ArgumentException>(() => PairedDifference.Compute([1, 2], [1, 2], 1));
    }
}
