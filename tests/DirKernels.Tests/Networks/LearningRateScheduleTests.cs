using DirKernels.Networks;
using Xunit;

namespace DirKernels.Tests.Networks;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(90, 60, 80)]
    [InlineData(40, 26, 35)]
    [InlineData(60, 40, 53)]
    [InlineData(9, 6, 8)]
    public void TheStepScheduleDropsAtTwoThirdsAndEightNinths(int epochs, int first, int second)
    {
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            double expected = epoch < first ? 1e-3 : epoch < second ? 1e-4 : 1e-5;
            Assert.Equal(expected, LearningRateSchedule.Step.RateOf(1e-3, epoch, epochs), 1e-15 * expected * 100); // a power and a product in double precision
        }
    }

    [Fact]
    public void ConstantAndCosine()
    {
        Assert.Equal(0.5, LearningRateSchedule.Constant.RateOf(0.5, 39, 40));
        Assert.Equal(0.5, LearningRateSchedule.Cosine.RateOf(0.5, 0, 40));
        Assert.Equal(0.25, LearningRateSchedule.Cosine.RateOf(0.5, 20, 40), 1e-15);
        Assert.Equal(0.25 * (1 + Math.Sqrt(0.5)), LearningRateSchedule.Cosine.RateOf(0.5, 10, 40), 1e-15);
        Assert.True(LearningRateSchedule.Cosine.RateOf(0.5, 39, 40) > 0);
    }

    [Fact]
    public void MilestonesAreChecked()
    {
        Assert.Contains("(0, 1)", Assert.Throws<ArgumentException>(() => LearningRateSchedule.StepAt([0.5, 1], 0.1)).Message);
        Assert.Contains("-1", Assert.Throws<ArgumentException>(() => LearningRateSchedule.StepAt([0.5], -1)).Message);
    }
}
