using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// Merges rows into the mean and the sum of squared deviations of a bin: two passes over a few rows at a time, then the pairwise update.
/// </summary>
internal static unsafe class DiagonalMoments
{
    /// <summary>Rows visited twice in a row: they stay in the second-level cache in between, so that memory is read once.</summary>
    private const int RowsPerPass = 32;

    /// <summary>Rows so few that a column's sums stay in registers over all of them.</summary>
    private const int FewRows = 8;

    /// <summary>Columns whose sums stay in the first-level cache.</summary>
    private const int ColumnsPerPass = 256;

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
        for (int done = 0; done < count; done += RowsPerPass)
        {
            int pass = Math.Min(RowsPerPass, count - done);
            var update = new PairwiseUpdate(pass, before + done);
            for (int column = 0; column < width; column += ColumnsPerPass)
            {
                var piece = new Piece(features + column, rows + done, pass, width, Math.Min(ColumnsPerPass, width - column), means + column, scatters + column);
                int merged = InstructionSet.Bits switch
                {
                    512 => MergeVectors<WideSimd512, Vector512<double>>(piece, update),
                    256 => MergeVectors<WideSimd256, Vector256<double>>(piece, update),
                    _ => MergeVectors<WideSimd128, Vector128<double>>(piece, update),
                };
                for (int j = merged; j < piece.Columns; j++)
                {
                    MergeColumn(piece, j, update);
                }
            }
        }
    }

    private static int MergeVectors<TSimd, TVector>(Piece piece, PairwiseUpdate update)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged =>
        piece.Count <= FewRows ? MergeFewRows<TSimd, TVector>(piece, update) : MergeManyRows<TSimd, TVector>(piece, update);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int MergeFewRows<TSimd, TVector>(Piece piece, PairwiseUpdate update)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        TVector inverse = TSimd.Broadcast(update.Inverse), share = TSimd.Broadcast(update.Share), between = TSimd.Broadcast(update.Between);
        int column = 0;
        for (; column <= piece.Columns - TSimd.Width; column += TSimd.Width)
        {
            TVector sum = TSimd.LoadWide(piece.Row(0) + column);
            for (int r = 1; r < piece.Count; r++)
            {
                sum = TSimd.Add(sum, TSimd.LoadWide(piece.Row(r) + column));
            }

            TVector mean = TSimd.Multiply(sum, inverse), squares = TSimd.Zero;

            // A single row is its own mean.
            for (int r = 0; piece.Count > 1 && r < piece.Count; r++)
            {
                TVector deviation = TSimd.Subtract(TSimd.LoadWide(piece.Row(r) + column), mean);
                squares = TSimd.MultiplyAdd(deviation, deviation, squares);
            }

            TVector old = TSimd.Load(piece.Means + column), delta = TSimd.Subtract(mean, old);
            TSimd.Store(TSimd.MultiplyAdd(delta, share, old), piece.Means + column);
            squares = TSimd.MultiplyAdd(TSimd.Multiply(delta, delta), between, squares);
            TSimd.Store(TSimd.Add(TSimd.Load(piece.Scatters + column), squares), piece.Scatters + column);
        }

        return column;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int MergeManyRows<TSimd, TVector>(Piece piece, PairwiseUpdate update)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        double* sums = stackalloc double[2 * ColumnsPerPass];
        double* squares = sums + ColumnsPerPass;
        int columns = piece.Columns / TSimd.Width * TSimd.Width;
        for (int j = 0; j < columns; j++)
        {
            sums[j] = 0;
            squares[j] = 0;
        }

        // Four rows for each visit of a sum.
        int r = 0;
        for (; r <= piece.Count - 4; r += 4)
        {
            float* x0 = piece.Row(r), x1 = piece.Row(r + 1), x2 = piece.Row(r + 2), x3 = piece.Row(r + 3);
            for (int j = 0; j < columns; j += TSimd.Width)
            {
                TVector pair = TSimd.Add(TSimd.LoadWide(x0 + j), TSimd.LoadWide(x1 + j)), other = TSimd.Add(TSimd.LoadWide(x2 + j), TSimd.LoadWide(x3 + j));
                TSimd.Store(TSimd.Add(TSimd.Load(sums + j), TSimd.Add(pair, other)), sums + j);
            }
        }

        for (; r < piece.Count; r++)
        {
            float* x = piece.Row(r);
            for (int j = 0; j < columns; j += TSimd.Width)
            {
                TSimd.Store(TSimd.Add(TSimd.Load(sums + j), TSimd.LoadWide(x + j)), sums + j);
            }
        }

        TVector inverse = TSimd.Broadcast(update.Inverse);
        for (int j = 0; j < columns; j += TSimd.Width)
        {
            TSimd.Store(TSimd.Multiply(TSimd.Load(sums + j), inverse), sums + j);
        }

        r = 0;
        for (; r <= piece.Count - 4; r += 4)
        {
            float* x0 = piece.Row(r), x1 = piece.Row(r + 1), x2 = piece.Row(r + 2), x3 = piece.Row(r + 3);
            for (int j = 0; j < columns; j += TSimd.Width)
            {
                TVector mean = TSimd.Load(sums + j);
                TVector d0 = TSimd.Subtract(TSimd.LoadWide(x0 + j), mean), d1 = TSimd.Subtract(TSimd.LoadWide(x1 + j), mean);
                TVector d2 = TSimd.Subtract(TSimd.LoadWide(x2 + j), mean), d3 = TSimd.Subtract(TSimd.LoadWide(x3 + j), mean);
                TVector left = TSimd.MultiplyAdd(d0, d0, TSimd.Multiply(d1, d1)), right = TSimd.MultiplyAdd(d2, d2, TSimd.Multiply(d3, d3));
                TSimd.Store(TSimd.Add(TSimd.Load(squares + j), TSimd.Add(left, right)), squares + j);
            }
        }

        for (; r < piece.Count; r++)
        {
            float* x = piece.Row(r);
            for (int j = 0; j < columns; j += TSimd.Width)
            {
                TVector deviation = TSimd.Subtract(TSimd.LoadWide(x + j), TSimd.Load(sums + j));
                TSimd.Store(TSimd.MultiplyAdd(deviation, deviation, TSimd.Load(squares + j)), squares + j);
            }
        }

        TVector share = TSimd.Broadcast(update.Share), between = TSimd.Broadcast(update.Between);
        for (int j = 0; j < columns; j += TSimd.Width)
        {
            TVector old = TSimd.Load(piece.Means + j), delta = TSimd.Subtract(TSimd.Load(sums + j), old);
            TSimd.Store(TSimd.MultiplyAdd(delta, share, old), piece.Means + j);
            TVector added = TSimd.MultiplyAdd(TSimd.Multiply(delta, delta), between, TSimd.Load(squares + j));
            TSimd.Store(TSimd.Add(TSimd.Load(piece.Scatters + j), added), piece.Scatters + j);
        }

        return columns;
    }

    private static void MergeColumn(Piece piece, int column, PairwiseUpdate update)
    {
        double sum = 0, squares = 0;
        for (int r = 0; r < piece.Count; r++)
        {
            sum += piece.Row(r)[column];
        }

        double batchMean = sum * update.Inverse;
        for (int r = 0; r < piece.Count; r++)
        {
            double deviation = piece.Row(r)[column] - batchMean;
            squares += deviation * deviation;
        }

        double delta = batchMean - piece.Means[column];
        piece.Means[column] += delta * update.Share;
        piece.Scatters[column] += squares + delta * delta * update.Between;
    }

    /// <summary>Some rows and columns of the features, and the statistics of the columns.</summary>
    private readonly struct Piece(float* features, int* rows, int count, int width, int columns, double* means, double* scatters)
    {
        public int Count => count;

        public int Columns => columns;

        public double* Means => means;

        public double* Scatters => scatters;

        public float* Row(int r) => features + (long)rows[r] * width;
    }

    /// <summary>The factors of the pairwise update: 1/n_b, n_b/n and n_a n_b/n.</summary>
    private readonly struct PairwiseUpdate(int count, long before)
    {
        public double Inverse { get; } = 1.0 / count;

        public double Share { get; } = (double)count / (before + count);

        public double Between { get; } = before * ((double)count / (before + count));
    }
}
