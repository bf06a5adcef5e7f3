using DirKernels.Networks;
using Xunit;

namespace DirKernels.Tests.Networks;

public sealed class TargetScalingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1e6)]
    [InlineData(1e-6)]
    [InlineData(1e200)]
    [InlineData(1e-200)]
    public void StandardizesWhateverTheUnit(double unit)
    {
        double[] labels = [1 * unit, 2 * unit, 3 * unit, 6 * unit];
        TargetScaling scaling = TargetScaling.Fit(new TrainingSet(new float[4], labels));
        Assert.Equal(3, scaling.Mean[0] / unit, 12);
        Assert.Equal(Math.Sqrt(3.5), scaling.Scale[0] / unit, 12);

        float[] standardized = scaling.Standardize(labels);
        var restored = new double[4];
        scaling.Restore(standardized, restored);
        Assert.Equal(0, standardized.Average(), 6);
        Assert.All(restored.Zip(labels), pair => Assert.Equal(pair.Second / unit, pair.First / unit, 6));
    }

    [Fact]
    public void EqualLabelsAndSeveralTargets()
    {
        // Targets (5, 1) and (5, 3): the first has no spread and keeps the scale 1.
        TargetScaling scaling = TargetScaling.Fit(new TrainingSet(new float[2], [5, 1, 5, 3], targets: 2));
        Assert.Equal([5, 2], scaling.Mean);
        Assert.Equal([1, 1], scaling.Scale);
    }
}
