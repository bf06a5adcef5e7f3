using DirKernels.Backends;
using DirKernels.Features;
using Xunit;

namespace DirKernels.Tests.Features;

public sealed class StatisticsValidityTests
{
    [Theory]
    [InlineData(7, 7, 1)]
    [InlineData(7, 3, 2)]
    [InlineData(40, 40, 3)]
    [InlineData(90, 90, 4)]
    public void CovariancesOfRowsAreValidAtAnyRankAndScale(int dimensions, int blockSize, int seed)
    {
        foreach (int rows in new[] { 1, 2, 5, 2 * dimensions })
        {
            FeatureStatisticsState state = StateOfRows(dimensions, blockSize, rows, seed);
            StatisticsValidity.Check(state, new BinShape(1, dimensions, blockSize));
        }
    }

    [Theory]
    [InlineData(-0.5)]
    [InlineData(-0.01)]
    public void AMatrixWithANegativeEigenvalueIsNot(double smallest)
    {
        // Equal correlations c among D features: eigenvalues 1 - c, and 1 + (D-1) c.
        const int Dimensions = 12;
        float correlation = (float)((smallest - 1) / (Dimensions - 1));
        FeatureStatisticsState state = StateOfRows(Dimensions, Dimensions, 30, 1);
        for (int i = 0; i < Dimensions; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                state.SmoothedCovariances[i * Dimensions + j] = i == j ? 4 : 4 * correlation;
            }
        }

        InvalidDataException found = Assert.Throws<InvalidDataException>(() => StatisticsValidity.Check(state, new BinShape(1, Dimensions, Dimensions)));
        Assert.Equal("the smoothed covariance of bin 0 is not positive semidefinite", found.Message);
    }

    [Theory]
    [InlineData(0, -1f)]
    [InlineData(0, float.NaN)]
    [InlineData(13, 1e9f)]
    [InlineData(13, float.PositiveInfinity)]
    public void OneNumberThatCannotBeIsFound(int index, float value)
    {
        FeatureStatisticsState state = StateOfRows(6, 6, 20, 2);
        state.RunningCovariances[index] = value;
        Assert.Throws<InvalidDataException>(() => StatisticsValidity.Check(state, new BinShape(1, 6, 6)));
    }

    [Fact]
    public void AFeatureWithoutVarianceMustNotCovary()
    {
        FeatureStatisticsState state = StateOfRows(3, 3, 20, 3);
        state.RunningCovariances.AsSpan().Clear();
        StatisticsValidity.Check(state, new BinShape(1, 3, 3));
        state.RunningCovariances[3] = 1e-3f;
        Assert.Throws<InvalidDataException>(() => StatisticsValidity.Check(state, new BinShape(1, 3, 3)));
    }

    /// <summary>Statistics of some rows whose features have scales from 1e-6 to 1e6 and depend on each other.</summary>
    private static FeatureStatisticsState StateOfRows(int dimensions, int blockSize, int rows, int seed)
    {
        var random = new Random(seed);
        var x = new double[rows, dimensions];
        for (int r = 0; r < rows; r++)
        {
            double common = random.NextDouble() - 0.5;
            for (int i = 0; i < dimensions; i++)
            {
                x[r, i] = Math.Pow(10, i % 13 - 6) * (common + (i % 3 == 0 ? 0 : random.NextDouble()));
            }
        }

        var means = new float[dimensions];
        var covariances = new float[dimensions * blockSize];
        for (int i = 0; i < dimensions; i++)
        {
            means[i] = (float)Enumerable.Range(0, rows).Average(r => x[r, i]);
        }

        for (int i = 0; i < dimensions; i++)
        {
            int first = i - i % blockSize;
            for (int j = first; j <= i; j++)
            {
                double mi = Enumerable.Range(0, rows).Average(r => x[r, i]), mj = Enumerable.Range(0, rows).Average(r => x[r, j]);
                covariances[i * blockSize + j - first] = (float)Enumerable.Range(0, rows).Average(r => (x[r, i] - mi) * (x[r, j] - mj));
            }
        }

        return new FeatureStatisticsState
        {
            CompletedEpochs = 1,
            SamplesSeen = [rows],
            LastCounts = [rows],
            RunningMeans = means,
            RunningCovariances = covariances,
            SmoothedMeans = [.. means],
            SmoothedCovariances = [.. covariances],
        };
    }
}
