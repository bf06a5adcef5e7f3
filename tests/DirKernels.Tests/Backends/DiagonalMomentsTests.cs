using DirKernels.Backends.Cpu;
using Xunit;

namespace DirKernels.Tests.Backends;

/// <summary>Both ways to go through the rows of a bin, whichever of them this processor takes.</summary>
public sealed unsafe class DiagonalMomentsTests
{
    private const double Sentinel = 12345.678;

    public static TheoryData<int, bool> Widths()
    {
        var data = new TheoryData<int, bool>();
        foreach (int width in new[] { 1, 3, 8, 15, 16, 17, 31, 32, 33, 64, 100, 127, 128, 129, 200, 511, 512, 513, 600, 1040 })
        {
            data.Add(width, true);
            data.Add(width, false);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void MomentsOfRowsThatLieAnywhereInTwoVisits(int width, bool far)
    {
        const int TableRows = 400, Guard = 16;
        float[] features = Features(TableRows, width);
        var random = new Random(width);
        foreach (int count in new[] { 1, 2, 4, 5, 8, 9, 13, 31, 64, 127, 128, 129, 133, 300 })
        {
            int[] rows = [.. Enumerable.Range(0, TableRows)];
            random.Shuffle(rows);
            rows = rows[..count];
            int first = count / 3;
            double[] means = [.. new double[width], .. Enumerable.Repeat(Sentinel, Guard)], scatters = [.. new double[width], .. Enumerable.Repeat(Sentinel, Guard)];
            fixed (float* table = features)
            fixed (int* rowsAt = rows)
            fixed (double* meansAt = means, scattersAt = scatters)
            {
                if (first > 0)
                {
                    DiagonalMoments.Merge(table, rowsAt, first, width, 0, meansAt, scattersAt, far);
                }

                DiagonalMoments.Merge(table, rowsAt + first, count - first, width, first, meansAt, scattersAt, far);
            }

            for (int j = 0; j < width; j++)
            {
                double mean = rows.Average(row => (double)features[row * width + j]);
                double scatter = rows.Sum(row => (features[row * width + j] - mean) * (features[row * width + j] - mean));

                // Means lie around 100 with deviations of 1: 300 rows in double precision, and the cancellation that DiagonalUpdate states.
                Assert.Equal(mean, means[j], 1e-11);
                Assert.Equal(scatter, scatters[j], 1e-9 * (1 + scatter));
            }

            Assert.All(means[width..], value => Assert.Equal(Sentinel, value));
            Assert.All(scatters[width..], value => Assert.Equal(Sentinel, value));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OneValueThatIsNoNumberSpoilsItsColumnAlone(bool far)
    {
        const int Rows = 200;
        foreach (int width in new[] { 40, 300 })
        {
            float[] features = Features(Rows, width);
            features[131 * width + 17] = float.NaN;
            int[] rows = [.. Enumerable.Range(0, Rows)];
            double[] means = new double[width], scatters = new double[width];
            fixed (float* table = features)
            fixed (int* rowsAt = rows)
            fixed (double* meansAt = means, scattersAt = scatters)
            {
                DiagonalMoments.Merge(table, rowsAt, Rows, width, 0, meansAt, scattersAt, far);
            }

            for (int j = 0; j < width; j++)
            {
                Assert.Equal(j == 17, double.IsNaN(means[j]));
                Assert.Equal(j == 17, double.IsNaN(scatters[j]));
            }
        }
    }

    private static float[] Features(int rows, int width)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, rows * width).Select(_ => (float)(100 + 3.4 * (random.NextDouble() - 0.5)))];
    }
}
