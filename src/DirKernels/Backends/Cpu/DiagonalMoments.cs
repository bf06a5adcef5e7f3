using System.Numerics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// Merges a few rows into the mean and the sum of squared deviations of a bin, column by column: two passes over the rows while a column's sums stay
/// in registers, then the pairwise update.
/// </summary>
internal static unsafe class DiagonalMoments
{
    /// <summary>Merges rows of one bin.</summary>
    /// <param name="features">[n x width].</param>
    /// <param name="rows">[count] rows to merge, at least one.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="width">D.</param>
    /// <param name="before">Rows merged before.</param>
    /// <param name="means">[width].</param>
    /// <param name="scatters">[width] sums of squared deviations.</param>
    public static void Merge(float* features, int* rows, int count, int width, long before, double* means, double* scatters)
    {
        double inverse = 1.0 / count, share = (double)count / (before + count), between = before * share;
        int column = 0;
        for (; column <= width - Vector<float>.Count; column += Vector<float>.Count)
        {
            MergeVector(features + column, rows, count, width, inverse, share, between, means + column, scatters + column);
        }

        for (; column < width; column++)
        {
            double sum = 0, squares = 0;
            for (int r = 0; r < count; r++)
            {
                sum += features[(long)rows[r] * width + column];
            }

            double mean = sum * inverse;
            for (int r = 0; r < count; r++)
            {
                double deviation = features[(long)rows[r] * width + column] - mean;
                squares += deviation * deviation;
            }

            double delta = mean - means[column];
            means[column] += delta * share;
            scatters[column] += squares + delta * delta * between;
        }
    }

    private static void MergeVector(
        float* features, int* rows, int count, int width, double inverse, double share, double between, double* means, double* scatters)
    {
        Vector<double> lowSum = Vector<double>.Zero, highSum = Vector<double>.Zero;
        for (int r = 0; r < count; r++)
        {
            Vector.Widen(Vector.Load(features + (long)rows[r] * width), out Vector<double> low, out Vector<double> high);
            lowSum += low;
            highSum += high;
        }

        Vector<double> lowMean = lowSum * inverse, highMean = highSum * inverse;
        Vector<double> lowSquares = Vector<double>.Zero, highSquares = Vector<double>.Zero;

        // A single row is its own mean.
        for (int r = 0; count > 1 && r < count; r++)
        {
            Vector.Widen(Vector.Load(features + (long)rows[r] * width), out Vector<double> low, out Vector<double> high);
            low -= lowMean;
            high -= highMean;
            lowSquares += low * low;
            highSquares += high * high;
        }

        Finish(lowMean, lowSquares, share, between, means, scatters);
        Finish(highMean, highSquares, share, between, means + Vector<double>.Count, scatters + Vector<double>.Count);
    }

    private static void Finish(Vector<double> mean, Vector<double> squares, double share, double between, double* means, double* scatters)
    {
        Vector<double> old = Vector.Load(means), delta = mean - old;
        (old + delta * share).Store(means);
        (Vector.Load(scatters) + squares + delta * delta * between).Store(scatters);
    }
}
