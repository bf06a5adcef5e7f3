using DirKernels.Metrics;
using DirKernels.Networks;
using DirKernels.Resampling;
using Xunit;

namespace DirKernels.Tests.Resampling;

public sealed class RelevancePartitionTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(-1000.0)]
    public void BumpsAlternateInLabelOrderAndHoldEveryRowOnce(double shift)
    {
        TrainingSet set = ResamplingSample.Rows(shift: shift);
        var relevance = RelevanceFunction.FromBoxPlot(set.Labels);
        IReadOnlyList<RelevanceBump> bumps = RelevancePartition.Create(set.Labels, relevance, 0.8);
        Assert.Equal([true, false, true], bumps.Select(bump => bump.IsRare));
        Assert.Equal(Enumerable.Range(0, set.Rows), bumps.SelectMany(bump => bump.Rows).Order());
        Assert.All(bumps, bump => Assert.All(bump.Rows, row => Assert.Equal(bump.IsRare, relevance.Of(set.Labels[row]) >= 0.8)));
        Assert.All(bumps, bump => Assert.Equal((bump.Rows.Min(row => set.Labels[row]), bump.Rows.Max(row => set.Labels[row])), (bump.Lowest, bump.Highest)));
        Assert.True(bumps[0].Highest < bumps[1].Lowest && bumps[1].Highest < bumps[2].Lowest);
    }

    [Fact]
    public void ChosenControlPointsDecideAndTheThresholdIsRare()
    {
        // Straight pieces would be 0.5 at 1; PCHIP is too, by symmetry.
        var relevance = RelevanceFunction.FromPoints([new(0, 0), new(2, 1), new(4, 0)]);
        IReadOnlyList<RelevanceBump> bumps = RelevancePartition.Create([4, 1, 0, 2, 3, 1, 0.9], relevance, 0.5);
        Assert.Equal([false, true, false], bumps.Select(bump => bump.IsRare));
        Assert.Equal([[2, 6], [1, 5, 3, 4], [0]], bumps.Select(bump => bump.Rows));
    }

    [Fact]
    public void LabelsMustBeFinite() =>
        Assert.Contains("row 1", Assert.Throws<InvalidDataException>(
            () => RelevancePartition.Create([1, double.NaN], RelevanceFunction.FromPoints([new(0, 0)]), 0.5)).Message);
}
