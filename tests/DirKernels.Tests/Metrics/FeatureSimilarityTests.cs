using DirKernels.Conformance;
using DirKernels.Metrics;
using Xunit;

namespace DirKernels.Tests.Metrics;

public sealed class FeatureSimilarityTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(20, 65)]
    public void AgreesWithThePlainLoops(int bins, int dimension)
    {
        float[] rows = Random(bins * dimension, 1), other = Random(bins * dimension, 2);
        rows.AsSpan(0, bins > 1 ? dimension : 0).Clear();
        double[] matrix = FeatureSimilarity.Between(rows, dimension);
        var anchored = new double[bins];
        for (int a = 0; a < bins; a++)
        {
            FeatureSimilarity.ToAnchor(rows, dimension, a, anchored);
            for (int b = 0; b < bins; b++)
            {
                double expected = FeatureSimilarityReference.Cosine(rows, dimension, a, b);
                Assert.Equal(expected, matrix[a * bins + b], 1e-13);
                Assert.Equal(expected, anchored[b], 1e-13);
            }
        }

        Assert.Equal(FeatureSimilarityReference.MeanAbsoluteDistance(rows, other), FeatureSimilarity.MeanAbsoluteDistance(rows, other), 1e-13);
    }

    [Theory]
    [InlineData(1e30f)]
    [InlineData(1e-30f)]
    public void HasNoUnit(float unit)
    {
        double[] similarity = FeatureSimilarity.Between([unit, unit, -3 * unit, -3 * unit, unit, -unit], 2);
        double[] expected = [1, -1, 0, -1, 1, 0, 0, 0, 1];
        Close.Equal(expected, similarity, 1e-12, "similarity");
    }

    [Fact]
    public void AnchoringAllocatesNothing()
    {
        float[] rows = Random(100 * 16, 3);
        var similarity = new double[100];
        FeatureSimilarity.ToAnchor(rows, 16, 50, similarity);
        long before = GC.GetAllocatedBytesForCurrentThread();
        FeatureSimilarity.ToAnchor(rows, 16, 50, similarity);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1, similarity[50], 1e-15);
    }

    [Fact]
    public void SaysBothShapes()
    {
        string message = Assert.Throws<ArgumentException>(() => FeatureSimilarity.ToAnchor(new float[7], 2, 0, new double[3])).Message;
        Assert.Contains("7", message);
        Assert.Contains("[3x2]", message);
        Assert.Throws<ArgumentException>(() => FeatureSimilarity.ToAnchor(new float[6], 2, 3, new double[3]));
        Assert.Throws<ArgumentException>(() => FeatureSimilarity.Between(new float[7], 2));
        Assert.Throws<ArgumentException>(() => FeatureSimilarity.Between(new float[7], 0));
        Assert.Throws<ArgumentException>(() => FeatureSimilarity.MeanAbsoluteDistance(new float[7], new float[6]));
    }

    private static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 4 - 1))];
    }
}
