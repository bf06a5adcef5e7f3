using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
        var update = new PairwiseUpdate(count, before);
        int merged = InstructionSet.Bits switch
        {
            512 => MergeVectors<WideSimd512, Vector512<double>>(features, rows, count, width, update, means, scatters),
            256 => MergeVectors<WideSimd256, Vector256<double>>(features, rows, count, width, update, means, scatters),
            _ => MergeVectors<WideSimd128, Vector128<double>>(features, rows, count, width, update, means, scatters),
        };
        for (int column = merged; column < width; column++)
        {
            MergeColumn(features + column, rows, count, width, update, means + column, scatters + column);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int MergeVectors<TSimd, TVector>(
        float* features, int* rows, int count, int width, PairwiseUpdate update, double* means, double* scatters)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        TVector inverse = TSimd.Broadcast(update.Inverse), share = TSimd.Broadcast(update.Share), between = TSimd.Broadcast(update.Between);
        int column = 0;
        for (; column <= width - TSimd.Width; column += TSimd.Width)
        {
            float* from = features + column;
            TVector sum = TSimd.LoadWide(from + (long)rows[0] * width);
            for (int r = 1; r < count; r++)
            {
                sum = TSimd.Add(sum, TSimd.LoadWide(from + (long)rows[r] * width));
            }

            TVector mean = TSimd.Multiply(sum, inverse), squares = TSimd.Zero;

            // A single row is its own mean.
            for (int r = 0; count > 1 && r < count; r++)
            {
                TVector deviation = TSimd.Subtract(TSimd.LoadWide(from + (long)rows[r] * width), mean);
                squares = TSimd.MultiplyAdd(deviation, deviation, squares);
            }

            TVector old = TSimd.Load(means + column), delta = TSimd.Subtract(mean, old);
            TSimd.Store(TSimd.MultiplyAdd(delta, share, old), means + column);
            squares = TSimd.MultiplyAdd(TSimd.Multiply(delta, delta), between, squares);
            TSimd.Store(TSimd.Add(TSimd.Load(scatters + column), squares), scatters + column);
        }

        return column;
    }

    private static void MergeColumn(float* features, int* rows, int count, int width, PairwiseUpdate update, double* mean, double* scatter)
    {
        double sum = 0, squares = 0;
        for (int r = 0; r < count; r++)
        {
            sum += features[(long)rows[r] * width];
        }

        double batchMean = sum * update.Inverse;
        for (int r = 0; r < count; r++)
        {
            double deviation = features[(long)rows[r] * width] - batchMean;
            squares += deviation * deviation;
        }

        double delta = batchMean - *mean;
        *mean += delta * update.Share;
        *scatter += squares + delta * delta * update.Between;
    }

    /// <summary>The factors of the pairwise update: 1/n_b, n_b/n and n_a n_b/n.</summary>
    private readonly struct PairwiseUpdate(int count, long before)
    {
        public double Inverse { get; } = 1.0 / count;

        public double Share { get; } = (double)count / (before + count);

        public double Between { get; } = before * ((double)count / (before + count));
    }
}
