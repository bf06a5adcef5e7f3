using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// Merges rows into the mean and the sum of squared deviations of a bin, in double precision: one pass over some rows sums their distances to the first of
/// them and the squares of these, then the pairwise update.
/// </summary>
/// <remarks>
/// With s the first of n rows and S their scatter, <c>sum (x-s)^2 = S + n (mean-s)^2 &lt;= (n+1) S</c>, since s is one of the rows: what cancels in
/// <c>S = sum (x-s)^2 - (sum (x-s))^2 / n</c> costs at most a factor of n + 1 in rounding, whatever the mean. 128 rows: 129 times 128/4 additions of 2^-53, 4.6e-13.
/// </remarks>
internal static unsafe class DiagonalMoments
{
    /// <summary>Rows that share a shift: bounds the cancellation.</summary>
    private const int RowsPerPass = 128;

    /// <summary>Rows so few that a column's sums stay in registers over all of them.</summary>
    private const int FewRows = 8;

    /// <summary>Columns whose sums stay in the first-level cache.</summary>
    private const int ColumnsPerPass = 512;

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
                var piece = new Piece(features + column, rows + done, pass, count - done, width, Math.Min(ColumnsPerPass, width - column), means + column, scatters + column);
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
        int column = 0;
        for (; column <= piece.Columns - TSimd.Width; column += TSimd.Width)
        {
            TVector shift = TSimd.LoadWide(piece.Row(0) + column), sum = TSimd.Zero, squares = TSimd.Zero;
            for (int r = 1; r < piece.Count; r++)
            {
                TVector distance = TSimd.Subtract(TSimd.LoadWide(piece.Row(r) + column), shift);
                sum = TSimd.Add(sum, distance);
                squares = TSimd.MultiplyAdd(distance, distance, squares);
            }

            Take<TSimd, TVector>(piece, column, shift, sum, squares, update);
        }

        return column;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int MergeManyRows<TSimd, TVector>(Piece piece, PairwiseUpdate update)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        double* sums = stackalloc double[2 * ColumnsPerPass + 64];
        double* squares = sums + ColumnsPerPass + 64;
        int columns = piece.Columns / TSimd.Width * TSimd.Width;
        for (int j = 0; j < columns; j += TSimd.Width)
        {
            TSimd.Store(TSimd.Zero, sums + j);
            TSimd.Store(TSimd.Zero, squares + j);
        }

        // Four rows for each visit of a sum. Rows of a bin lie anywhere: those to come are on their way while these are summed.
        float* first = piece.Row(0);
        int r = 1;
        for (; r <= piece.Count - 4; r += 4)
        {
            float* x0 = piece.Row(r), x1 = piece.Row(r + 1), x2 = piece.Row(r + 2), x3 = piece.Row(r + 3);
            float* y0 = piece.RowAhead(r), y1 = piece.RowAhead(r + 1), y2 = piece.RowAhead(r + 2), y3 = piece.RowAhead(r + 3);
            int j = 0;
            for (; j <= columns - 2 * TSimd.Width; j += 2 * TSimd.Width)
            {
                CacheLine.Fetch(y0 + j);
                CacheLine.Fetch(y1 + j);
                CacheLine.Fetch(y2 + j);
                CacheLine.Fetch(y3 + j);
                AddFour<TSimd, TVector>(first + j, x0 + j, x1 + j, x2 + j, x3 + j, sums + j, squares + j);
                AddFour<TSimd, TVector>(
                    first + j + TSimd.Width, x0 + j + TSimd.Width, x1 + j + TSimd.Width, x2 + j + TSimd.Width, x3 + j + TSimd.Width, sums + j + TSimd.Width, squares + j + TSimd.Width);
            }

            for (; j < columns; j += TSimd.Width)
            {
                AddFour<TSimd, TVector>(first + j, x0 + j, x1 + j, x2 + j, x3 + j, sums + j, squares + j);
            }
        }

        for (; r < piece.Count; r++)
        {
            float* x = piece.Row(r);
            for (int j = 0; j < columns; j += TSimd.Width)
            {
                TVector distance = TSimd.Subtract(TSimd.LoadWide(x + j), TSimd.LoadWide(first + j));
                TSimd.Store(TSimd.Add(TSimd.Load(sums + j), distance), sums + j);
                TSimd.Store(TSimd.MultiplyAdd(distance, distance, TSimd.Load(squares + j)), squares + j);
            }
        }

        for (int j = 0; j < columns; j += TSimd.Width)
        {
            Take<TSimd, TVector>(piece, j, TSimd.LoadWide(first + j), TSimd.Load(sums + j), TSimd.Load(squares + j), update);
        }

        return columns;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddFour<TSimd, TVector>(float* first, float* x0, float* x1, float* x2, float* x3, double* sums, double* squares)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        TVector shift = TSimd.LoadWide(first);
        TVector d0 = TSimd.Subtract(TSimd.LoadWide(x0), shift), d1 = TSimd.Subtract(TSimd.LoadWide(x1), shift);
        TVector d2 = TSimd.Subtract(TSimd.LoadWide(x2), shift), d3 = TSimd.Subtract(TSimd.LoadWide(x3), shift);
        TSimd.Store(TSimd.Add(TSimd.Load(sums), TSimd.Add(TSimd.Add(d0, d1), TSimd.Add(d2, d3))), sums);
        TVector left = TSimd.MultiplyAdd(d0, d0, TSimd.Multiply(d1, d1)), right = TSimd.MultiplyAdd(d2, d2, TSimd.Multiply(d3, d3));
        TSimd.Store(TSimd.Add(TSimd.Load(squares), TSimd.Add(left, right)), squares);
    }

    /// <summary>The pairwise update of one register of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take<TSimd, TVector>(Piece piece, int column, TVector shift, TVector sum, TVector squares, PairwiseUpdate update)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        // Rounding may leave a little less than nothing of a column that is almost constant.
        TVector offset = TSimd.Multiply(sum, TSimd.Broadcast(update.Inverse));
        TVector scatter = TSimd.Max(TSimd.Subtract(squares, TSimd.Multiply(sum, offset)), TSimd.Zero);
        TVector old = TSimd.Load(piece.Means + column), delta = TSimd.Add(TSimd.Subtract(shift, old), offset);
        TSimd.Store(TSimd.MultiplyAdd(delta, TSimd.Broadcast(update.Share), old), piece.Means + column);
        scatter = TSimd.MultiplyAdd(TSimd.Multiply(delta, delta), TSimd.Broadcast(update.Between), scatter);
        TSimd.Store(TSimd.Add(TSimd.Load(piece.Scatters + column), scatter), piece.Scatters + column);
    }

    private static void MergeColumn(Piece piece, int column, PairwiseUpdate update)
    {
        double shift = piece.Row(0)[column], sum = 0, squares = 0;
        for (int r = 1; r < piece.Count; r++)
        {
            double distance = piece.Row(r)[column] - shift;
            sum += distance;
            squares += distance * distance;
        }

        double offset = sum * update.Inverse, delta = shift - piece.Means[column] + offset;
        piece.Means[column] += delta * update.Share;
        piece.Scatters[column] += Math.Max(squares - sum * offset, 0) + delta * delta * update.Between;
    }

    /// <summary>Some rows and columns of the features, and the statistics of the columns.</summary>
    private readonly struct Piece(float* features, int* rows, int count, int rowsLeft, int width, int columns, double* means, double* scatters)
    {
        public int Count => count;

        public int Columns => columns;

        public double* Means => means;

        public double* Scatters => scatters;

        public float* Row(int r) => features + (long)rows[r] * width;

        /// <summary>A row to fetch early, of this pass or the next: the last row of the bin stands for those that do not exist.</summary>
        public float* RowAhead(int r) => features + (long)rows[Math.Min(r + CacheLine.RowsAhead(width), rowsLeft - 1)] * width;
    }

    /// <summary>The factors of the pairwise update: 1/n_b, n_b/n and n_a n_b/n.</summary>
    private readonly struct PairwiseUpdate(int count, long before)
    {
        public double Inverse { get; } = 1.0 / count;

        public double Share { get; } = (double)count / (before + count);

        public double Between { get; } = before * ((double)count / (before + count));
    }
}
