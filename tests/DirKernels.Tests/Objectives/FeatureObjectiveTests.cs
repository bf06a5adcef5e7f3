using DirKernels.Conformance;
using DirKernels.Objectives;
using Xunit;

namespace DirKernels.Tests.Objectives;

public sealed class FeatureObjectiveTests
{
    private const int Rows = 18;
    private const int Dimensions = 5;

    [Theory]
    [InlineData(2.0, 1.0, false)]
    [InlineData(0.3, 0.5, true)]
    public void ContrastHasTheValueAndTheSlopesOfItsDefinition(double temperature, double weight, bool tied)
    {
        float[] features = SampleNumbers.Normal(1, Rows * Dimensions);
        float[] targets = SampleNumbers.Normal(2, Rows);
        if (tied)
        {
            // Whole labels: rows with equal labels, and labels equally far on both sides.
            targets = [.. targets.Select(t => MathF.Round(2 * t))];
        }

        var gradient = new float[features.Length];
        double sum = new RankNContrast(weight, temperature, 32).Evaluate(new FeatureBatch(features, targets, 0), gradient);
        double[] z = [.. features], y = [.. targets];

        // Distances in single precision: each logarithm is off by at most (D + 4) 2^-24 d/tau, d/tau below 20.
        double value = weight * RankNContrastReference.Loss(z, y, temperature);
        Assert.Equal(value, sum / Rows, 1e-5 * (1 + value));

        // Central differences at 1e-5: third derivatives below 1e3 give 2e-8; the gradient sums 17 pairs, each rounded a few times in single precision.
        const double Step = 1e-5;
        for (int k = 0; k < z.Length; k++)
        {
            double at = z[k];
            z[k] = at + Step;
            double above = RankNContrastReference.Loss(z, y, temperature);
            z[k] = at - Step;
            double slope = weight * (above - RankNContrastReference.Loss(z, y, temperature)) / (2 * Step);
            z[k] = at;
            Assert.Equal(slope, gradient[k], 2e-6);
        }
    }

    [Fact]
    public void ContrastOfEqualFeaturesIsFiniteAndOneRowHasNone()
    {
        var contrast = new RankNContrast(1, 2, 8);
        var gradient = new float[4 * Dimensions];
        double sum = contrast.Evaluate(new FeatureBatch(new float[4 * Dimensions], [1, 2, 3, 4], 0), gradient);
        Assert.True(double.IsFinite(sum));
        Assert.All(gradient, g => Assert.Equal(0f, g));
        gradient.AsSpan().Fill(1);
        Assert.Equal(0, contrast.Evaluate(new FeatureBatch(new float[Dimensions], [1], 0), gradient.AsSpan(0, Dimensions)));
        Assert.All(gradient[..Dimensions], g => Assert.Equal(0f, g));
    }

    [Theory]
    [InlineData(100, 2, false)]
    [InlineData(0.5, 2, true)]
    [InlineData(3, 0.7, false)]
    public void RankingHasTheValueOfItsDefinitionAndThePublishedEstimator(double gamma, double lambda, bool whole)
    {
        float[] features = SampleNumbers.Normal(1, Rows * Dimensions);

        // Different labels in no order, exact in single precision like their differences; whole ones are equally far from both neighbours.
        float[] targets = [.. Enumerable.Range(0, Rows).Select(i => (i * 7 % Rows) + (whole ? 0 : i * i / 1024f))];
        var gradient = new float[features.Length];
        double sum = new RankSim(gamma, lambda, 32, Dimensions).Evaluate(new FeatureBatch(features, targets, 5), gradient);
        var reference = new RankSimReference([.. features], [.. targets], gamma, lambda);
        Assert.Equal(reference.Value, sum / Rows, 1e-12 * reference.Value);
        Assert.True(reference.Gradient.Max(Math.Abs) > 1e-3, "no gradient: nothing is tested");

        // At most 2 m terms below 1/lambda, each with about a dozen roundings to single precision.
        double tolerance = 24 * 12 * Math.Pow(2, -24) * reference.Gradient.Max(Math.Abs);
        for (int k = 0; k < gradient.Length; k++)
        {
            Assert.Equal(reference.Gradient[k], gradient[k], tolerance);
        }
    }

    [Fact]
    public void OneRowOfEachLabelIsDrawn()
    {
        float[] features = SampleNumbers.Normal(1, Rows * Dimensions);
        float[] targets = [.. Enumerable.Range(0, Rows).Select(i => (float)(i % 6))];
        var ranking = new RankSim(10, 2, Rows, Dimensions);
        var drawn = new HashSet<string>();
        for (ulong stream = 0; stream < 40; stream++)
        {
            float[] gradient = new float[features.Length], again = new float[features.Length];
            ranking.Evaluate(new FeatureBatch(features, targets, stream), gradient);
            ranking.Evaluate(new FeatureBatch(features, targets, stream), again);
            Assert.Equal(gradient, again);
            int[] moved = [.. Enumerable.Range(0, Rows).Where(i => gradient.AsSpan(i * Dimensions, Dimensions).ContainsAnyExcept(0f))];
            Assert.True(moved.Select(i => i % 6).Distinct().Count() == moved.Length, "two rows of one label");
            drawn.Add(string.Join(',', moved));
        }

        // Three rows for each of six labels.
        Assert.True(drawn.Count > 20, $"only {drawn.Count} draws differ");
    }

    [Fact]
    public void RowsWithoutDirectionAndBatchesOfOneLabelTakeNoGradient()
    {
        float[] features = SampleNumbers.Normal(1, 6 * Dimensions);
        features.AsSpan(2 * Dimensions, Dimensions).Clear();
        var ranking = new RankSim(10, 2, 8, Dimensions);
        var gradient = new float[features.Length];
        Assert.True(double.IsFinite(ranking.Evaluate(new FeatureBatch(features, [1, 2, 3, 4, 5, 6], 0), gradient)));
        Assert.All(gradient, g => Assert.True(float.IsFinite(g)));
        Assert.All(gradient[(2 * Dimensions)..(3 * Dimensions)], g => Assert.Equal(0f, g));
        Assert.Equal(0, ranking.Evaluate(new FeatureBatch(features, [3, 3, 3, 3, 3, 3], 0), gradient));
        Assert.All(gradient, g => Assert.Equal(0f, g));
    }

    [Fact]
    public void EvaluatingAllocatesNothing()
    {
        float[] features = SampleNumbers.Normal(1, Rows * Dimensions), targets = SampleNumbers.Normal(2, Rows), gradient = new float[features.Length];
        var ranking = new RankSim(10, 2, Rows, Dimensions);
        var contrast = new RankNContrast(1, 2, Rows);
        Assert.Equal(0, AllocatedBytes.Smallest(() =>
        {
            ranking.Evaluate(new FeatureBatch(features, targets, 3), gradient);
            contrast.Evaluate(new FeatureBatch(features, targets, 3), gradient);
        }));
    }

    [Fact]
    public void ValuesOutOfRangeAreRefused()
    {
        Assert.Throws<ArgumentException>(() => new RankSim(0, 2, 4, 4));
        Assert.Throws<ArgumentException>(() => new RankSim(1, double.NaN, 4, 4));
        Assert.Throws<ArgumentException>(() => new RankNContrast(1, 0, 4));
        Assert.Throws<ArgumentException>(() => new RankNContrast(-1, 2, 4));
    }
}
