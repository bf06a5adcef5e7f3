using DirKernels.Conformance;
using DirKernels.Networks;
using DirKernels.Resampling;
using Xunit;

namespace DirKernels.Tests.Resampling;

/// <summary>Distances and neighbours against a plain double-precision search.</summary>
public sealed class BumpDistancesTests
{
    // Squared distances are at most 4 + 2 here; each of D = 9 terms is rounded twice and each scaled value once: (2 * 9 + 3) * 2^-24 * 6 < 1e-5.
    private const double Tolerance = 1e-5;

    private static readonly (int, int)[] _groups = [.. ResamplingSample.Groups.Select(group => (group.Start, group.Count))];

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 5)]
    [InlineData(7, 5)]
    [InlineData(131, 5)]
    [InlineData(131, 1)]
    public void NeighborsAreThoseOfAPlainSearch(int count, int neighbors)
    {
        TrainingSet set = ResamplingSample.Rows(200);
        int[] bump = [.. Enumerable.Range(0, count).Select(i => i * 67 % 200)];
        var distances = new BumpDistances(set, new MixedDistance(set, new InputColumns(set, ResamplingSample.Groups)), bump);
        for (int place = 0; place < count; place++)
        {
            double[] expected = [.. bump.Select(row => Reference(set, bump[place], row))];
            double[] others = [.. expected.Where((_, other) => other != place).Order()];
            distances.MeasureFrom(place);
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(expected[i] * expected[i], distances.Squared[i], Tolerance);
            }

            int[] nearest = distances.Nearest(place, neighbors);
            Assert.Equal(Math.Min(neighbors, count - 1), nearest.Length);
            Assert.DoesNotContain(place, nearest);
            Assert.Equal(nearest.Length, nearest.Distinct().Count());
            for (int i = 0; i < nearest.Length; i++)
            {
                Assert.Equal(others[i] * others[i], expected[nearest[i]] * expected[nearest[i]], 2 * Tolerance);
            }

            double median = others.Length == 0 ? 0 : 0.5 * (others[(others.Length - 1) / 2] + others[others.Length / 2]);
            Assert.Equal(median, distances.Median(place), Tolerance / 0.1); // distances above 0.1: an error of e in d^2 is e/(2 d) in d
            Assert.True(median == 0 || median > 0.1);
        }
    }

    [Fact]
    public void EquallyNearRowsComeInOrder()
    {
        var set = new TrainingSet([0, 1, -1, 1, 2, 1], [1, 2, 3, 4, 5, 6]);
        var distances = new BumpDistances(set, new MixedDistance(set, new InputColumns(set, [])), [0, 1, 2, 3, 4, 5]);
        distances.MeasureFrom(0);
        Assert.Equal([1, 2, 3], distances.Nearest(0, 3));
        Assert.Equal([1, 2, 3, 5, 4], distances.Nearest(0, 9));
    }

    [Fact]
    public void TheDistanceOfTwoRowsIsTheDefinition()
    {
        TrainingSet set = ResamplingSample.Rows(50);
        var distance = new MixedDistance(set, new InputColumns(set, ResamplingSample.Groups));
        for (int a = 0; a < 50; a++)
        {
            for (int b = 0; b < 50; b++)
            {
                Assert.Equal(Reference(set, a, b), distance.Between(ResamplingSample.Inputs(set, a), ResamplingSample.Inputs(set, b)), 1e-12);
            }
        }
    }

    private static double Reference(TrainingSet set, int a, int b) => MixedDistanceReference.Between(
        set.Inputs, set.InputColumns, _groups, ResamplingSample.Inputs(set, a), ResamplingSample.Inputs(set, b));
}
