using DirKernels.Backends.Cpu;
using DirKernels.Features;
using Xunit;

namespace DirKernels.Tests.Features;

public sealed class FeatureDiagnosticsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(64)]
    public void EigenvaluesAreThoseTheMatrixWasBuiltFrom(int n)
    {
        // Q diag(1..n) Q^T with Q a product of reflections has the eigenvalues 1..n.
        double[,] matrix = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            matrix[i, i] = i + 1;
        }

        for (ulong reflection = 0; reflection < 3; reflection++)
        {
            double[] v = [.. Enumerable.Range(0, n).Select(i => CounterRandom.Uniform(reflection, (ulong)i) - 0.5)];
            double square = v.Sum(x => x * x);
            var reflect = new double[n, n];
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    reflect[i, j] = (i == j ? 1 : 0) - 2 * v[i] * v[j] / square;
                }
            }

            matrix = Multiply(Multiply(reflect, matrix), reflect);
        }

        double[] flat = [.. Enumerable.Range(0, n * n).Select(k => matrix[k / n, k % n])];
        double[] eigenvalues = SymmetricEigenvalues.Compute(flat, n);
        Array.Sort(eigenvalues);
        for (int i = 0; i < n; i++)
        {
            Assert.Equal(i + 1, eigenvalues[i], n * 1e-13);
        }
    }

    [Fact]
    public void TwoBinsWithKnownStatistics()
    {
        // Bin 0: features (+-1, +-3): mean 0, variances 2 and 18 (divisor n - 1). Bin 1: the same plus (4, 3), so mean (4, 3).
        float[] features = [1, 3, -1, -3, 5, 6, 3, 0];
        int[] bins = [0, 0, 1, 1];
        using var backend = new CpuBackend(1);
        using var smoothing = new FeatureDistributionSmoothing(2, 2, new FeatureSmoothingOptions { Kernel = SmoothingKernel.Triangular(1) }, backend);
        smoothing.Accumulate(features, bins);
        smoothing.EndEpoch();
        var diagnostics = new FeatureDiagnostics(smoothing.Capture());

        Assert.Equal([9, 9], diagnostics.ConditionNumbers());
        Assert.Equal(1, diagnostics.MeanSimilarity(1)[1], 12);
        Assert.Equal([1, 1], diagnostics.VarianceSimilarity(0).Select(x => Math.Round(x, 12)));
        Assert.Equal(4, diagnostics.VarianceSimilarities().Length);
        Assert.Equal((0, 0), diagnostics.SmoothingDistance());
    }

    [Fact]
    public void SingularCovarianceIsInfinitelyIllConditioned()
    {
        // Both dimensions are equal, so the full covariance has rank 1.
        float[] features = [1, 1, 2, 2, 5, 5];
        using var backend = new CpuBackend(1);
        using var smoothing = new FeatureDistributionSmoothing(
            2, 1, new FeatureSmoothingOptions { Covariance = CovarianceKind.Full, Kernel = SmoothingKernel.Triangular(1) }, backend);
        smoothing.Accumulate(features, [0, 0, 0]);
        smoothing.EndEpoch();
        Assert.Equal([double.PositiveInfinity], new FeatureDiagnostics(smoothing.Capture()).ConditionNumbers());
    }

    private static double[,] Multiply(double[,] a, double[,] b)
    {
        int n = a.GetLength(0);
        var c = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                for (int k = 0; k < n; k++)
                {
                    c[i, j] += a[i, k] * b[k, j];
                }
            }
        }

        return c;
    }
}
