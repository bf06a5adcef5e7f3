using DirKernels.Report;
using Xunit;

namespace DirKernels.Tests.Report;

public sealed class TickStepsTests
{
    [Theory]
    [InlineData(0, 100, 6, "0 20 40 60 80 100")]
    [InlineData(0, 1, 6, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(-50, 150, 5, "−50 0 50 100 150")]
    [InlineData(0, 500000, 6, "0 100k 200k 300k 400k 500k")]
    [InlineData(0.97, 1.0, 4, "0.97 0.98 0.99 1.00")]
    [InlineData(-0.001, 0.001, 3, "−0.001 0.000 0.001")]
    public void Linear(double lower, double upper, int most, string expected) =>
        Assert.Equal(expected, string.Join(' ', TickSteps.Of(Axis.Exact("", lower, upper), most).Select(tick => tick.Text)));

    [Fact]
    public void ManyRangesHaveFewDistinctTicksInside()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 500; trial++)
        {
            double lower = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 9)), upper = lower + Math.Pow(10, random.Next(-3, 9)) * (random.NextDouble() + 0.01);
            int most = 3 + trial % 8;
            IReadOnlyList<(double Value, string Text)> ticks = TickSteps.Of(Axis.Exact("", lower, upper), most);
            Assert.InRange(ticks.Count, 2, most + 2);
            double slack = (upper - lower) * 1e-6;
            Assert.All(ticks, tick => Assert.InRange(tick.Value, lower - slack, upper + slack));
            Assert.Equal(ticks.Count, ticks.Select(tick => tick.Text).Distinct().Count());
        }
    }

    [Fact]
    public void LogarithmicTicksArePowersWithTheirHalves()
    {
        Assert.Equal("1 10 100 1000", string.Join(' ', TickSteps.Of(Axis.Logarithmic("", [1, 900]), 6).Select(tick => tick.Text)));
        Assert.Equal("20 50 100 200", string.Join(' ', TickSteps.Of(Axis.Logarithmic("", [25, 200]), 6).Select(tick => tick.Text)));
    }

    [Fact]
    public void AxesAroundNothingOrOneNumberAreRanges()
    {
        Assert.Equal((0.0, 1.0), (Axis.Around("", []).Lower, Axis.Around("", []).Upper));
        Axis one = Axis.Around("", [5]), zero = Axis.Around("", [0]);
        Assert.True(one.Lower < 5 && one.Upper > 5 && zero.Lower < 0 && zero.Upper > 0);
        Axis none = Axis.Logarithmic("", [0, null, -3]);
        Assert.True(none.Lower > 0 && none.Upper > none.Lower);
        Assert.Throws<ArgumentException>(() => Axis.Exact("", 1, 1));
    }
}
