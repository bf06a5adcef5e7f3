using DirKernels.Conformance;
using DirKernels.Metrics;
using DirKernels.Networks;
using DirKernels.Resampling;
using Xunit;

namespace DirKernels.Tests.Resampling;

/// <summary>What new rows of smoter, smogn and gn look like beside the rows they were made from, and what wercs prefers.</summary>
public sealed class SyntheticRowsTests
{
    private static readonly (int, int)[] _groups = [.. ResamplingSample.Groups.Select(group => (group.Start, group.Count))];

    [Theory]
    [InlineData(ResamplingKind.Smoter, 1)]
    [InlineData(ResamplingKind.Smoter, 2)]
    [InlineData(ResamplingKind.Smogn, 1)]
    [InlineData(ResamplingKind.Smogn, 2)]
    public void InterpolatedRowsLieBetweenTheirParents(ResamplingKind kind, int targets)
    {
        TrainingSet set = ResamplingSample.Rows(targets: targets, weighted: true);
        ResampledSet result = Resampler.Resample(set, kind, 3, ResamplingSample.Groups);
        int[] between = [.. Enumerable.Range(0, result.Set.Rows).Where(row => result.OtherParents[row] >= 0)];
        Assert.True(between.Length > 20, $"only {between.Length} rows were interpolated");
        foreach (int row in between)
        {
            int a = result.Parents[row], b = result.OtherParents[row];
            Assert.NotEqual(a, b);
            float[] inputs = ResamplingSample.Inputs(result.Set, row), ofA = ResamplingSample.Inputs(set, a), ofB = ResamplingSample.Inputs(set, b);
            foreach (int d in ResamplingSample.Numeric)
            {
                Assert.InRange(inputs[d], Math.Min(ofA[d], ofB[d]), Math.Max(ofA[d], ofB[d]));
            }

            double toA = Distance(set, inputs, ofA), toB = Distance(set, inputs, ofB);
            for (int t = 0; t < targets; t++)
            {
                double labelA = ResamplingSample.Labels(set, a)[t], labelB = ResamplingSample.Labels(set, b)[t];
                double label = ResamplingSample.Labels(result.Set, row)[t];
                Assert.InRange(label, Math.Min(labelA, labelB), Math.Max(labelA, labelB));
                Assert.Equal((toB * labelA + toA * labelB) / (toA + toB), label, 1e-9);
            }

            Assert.Equal((toB * set.Weights![a] + toA * set.Weights[b]) / (toA + toB), result.Set.Weights![row], 1e-6);
        }
    }

    [Fact]
    public void TheOtherParentIsOneOfTheNearestOfTheBump()
    {
        TrainingSet set = ResamplingSample.Rows();
        ResampledSet result = Resampler.Resample(set, ResamplingKind.Smoter, 1, ResamplingSample.Groups, new ResamplingOptions { Neighbors = 3 });
        foreach (int row in Enumerable.Range(0, result.Set.Rows).Where(row => result.OtherParents[row] >= 0))
        {
            int a = result.Parents[row], b = result.OtherParents[row];
            RelevanceBump bump = result.Bumps.Single(bump => bump.Rows.Contains(a));
            Assert.True(bump.IsRare);
            Assert.Contains(b, bump.Rows);
            Assert.True(bump.Rows.Count(other => other != a && Distance(set, a, other) < Distance(set, a, b) - 1e-5) < 3);
        }
    }

    [Fact]
    public void SmognInterpolatesCloserThanHalfTheMedianAndPerturbsOtherwise()
    {
        // So many neighbours that some of them are far.
        const int neighbors = 20;
        TrainingSet set = ResamplingSample.Rows();
        ResampledSet result = Resampler.Resample(set, ResamplingKind.Smogn, 1, ResamplingSample.Groups, new ResamplingOptions { Neighbors = neighbors });
        int kept = set.Rows - result.Bumps.Single(bump => !bump.IsRare).Rows.Count + 200;
        int interpolated = 0, perturbed = 0;
        for (int row = kept; row < result.Set.Rows; row++)
        {
            int a = result.Parents[row], b = result.OtherParents[row];
            RelevanceBump bump = result.Bumps.Single(bump => bump.Rows.Contains(a));
            double[] others = [.. bump.Rows.Where(other => other != a).Select(other => Distance(set, a, other)).Order()];
            double safe = 0.25 * (others[(others.Length - 1) / 2] + others[others.Length / 2]);
            if (b >= 0)
            {
                interpolated++;
                Assert.True(Distance(set, a, b) < safe + 1e-4);
            }
            else
            {
                perturbed++;
                Assert.True(others[Math.Min(neighbors, others.Length) - 1] >= safe - 1e-4, "all neighbours are close, but the row was perturbed");
                Assert.False(ResamplingSample.AreEqual(set, a, result.Set, row));
            }
        }

        Assert.True(interpolated > 20 && perturbed > 20, $"{interpolated} interpolated, {perturbed} perturbed");
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void NoiseIsRelativeToTheSpreadOfTheBump(double noise)
    {
        // One rare bump of 40 rows beside 20,000: each rare row has about 250 copies.
        double[] labels = [.. Enumerable.Range(0, 20040).Select(row => row < 20000 ? row % 100 / 100.0 : 1000 + row % 40)];
        float[] inputs = SampleNumbers.Normal(4, labels.Length * 2, 3, 20);
        var set = new TrainingSet(inputs, labels);
        ResampledSet result = Resampler.Resample(set, ResamplingKind.GaussianNoise, 0, options: new ResamplingOptions
        {
            Noise = noise,
            Relevance = RelevanceFunction.FromPoints([new(1, 0), new(500, 1)]),
        });
        int[] copies = [.. Enumerable.Range(10060, result.Set.Rows - 10060)];
        Assert.True(copies.Length > 9900);
        IReadOnlyList<int> bump = result.Bumps.Single(bump => bump.IsRare).Rows;
        AssertNoise([.. copies.Select(row => result.Set.Labels[row] - labels[result.Parents[row]])], noise * Deviation([.. bump.Select(row => labels[row])]));
        for (int d = 0; d < 2; d++)
        {
            AssertNoise(
                [.. copies.Select(row => (double)result.Set.Inputs[row * 2 + d] - inputs[result.Parents[row] * 2 + d])],
                noise * Deviation([.. bump.Select(row => (double)inputs[row * 2 + d])]));
        }
    }

    [Fact]
    public void WercsPrefersRelevantRowsAndNeverDrawsIrrelevantOnes()
    {
        TrainingSet set = ResamplingSample.Rows(5000);
        var relevance = RelevanceFunction.FromBoxPlot(set.Labels);
        ResampledSet result = Resampler.Resample(set, ResamplingKind.Wercs, 0, ResamplingSample.Groups);
        Assert.Equal(5000, result.Set.Rows);
        int[] stayed = [.. result.Parents.Take(2500)], copied = [.. result.Parents.Skip(2500)];
        Assert.Equal(2500, stayed.Distinct().Count());
        double[] phi = [.. set.Labels.Select(relevance.Of)];
        Assert.All(Enumerable.Range(0, 5000).Where(row => phi[row] == 1), row => Assert.Contains(row, stayed));
        Assert.All(copied, row => Assert.True(phi[row] > 0));

        // A draw in proportion to phi has the expected relevance sum(phi^2)/sum(phi); 2,500 draws of a number in 0..1 miss it by less than 5 * 0.5/50.
        Assert.Equal(phi.Sum(x => x * x) / phi.Sum(), copied.Average(row => phi[row]), 0.05);
    }

    private static void AssertNoise(double[] noise, double deviation)
    {
        // Of n normal numbers the mean has the standard error sd/sqrt(n), the deviation sd/sqrt(2n): five of them.
        double root = Math.Sqrt(noise.Length);
        Assert.Equal(0, noise.Average(), 5 * deviation / root);
        Assert.Equal(deviation, Deviation(noise), 5 * deviation / root / Math.Sqrt(2));
    }

    private static double Deviation(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
    }

    private static double Distance(TrainingSet set, int a, int b) => Distance(set, ResamplingSample.Inputs(set, a), ResamplingSample.Inputs(set, b));

    private static double Distance(TrainingSet set, float[] a, float[] b) =>
        MixedDistanceReference.Between(set.Inputs, set.InputColumns, _groups, a, b);
}
