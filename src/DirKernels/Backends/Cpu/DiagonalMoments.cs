using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// Merges rows into the mean and the sum of squared deviations of a bin, in double precision: one pass over some rows sums their distances to the first of
/// them and the squares of these, then the pairwise update.
/// </summary>
/// <remarks>
/// With s the first of n rows and S their scatter, <c>sum (x-s)^2 = S + n (mean-s)^2 &lt;= (n+1) S</c>, since s is one of the rows: what cancels in
/// <c>S = sum (x-s)^2 - (sum (x-s))^2 / n</c> costs at most a factor of n + 1 in rounding, whatever the mean. 128 rows: 129 times 128 additions of 2^-53, 1.8e-12.
/// </remarks>
internal static unsafe class DiagonalMoments
{
    /// <summary>Rows that share a shift: bounds the cancellation.</summary>
    private const int RowsPerPass = 128;

    /// <summary>Rows so few that a column's sums stay in registers over all of them.</summary>
    private const int FewRows = 8;

    /// <summary>Columns whose sums stay in the first-level cache.</summary>
    private const int ColumnsPerPass = 512;

    /// <summary>From the sum of a column to its sum of squares: a little more than all columns, since the same lines of the first-level cache would hold both.</summary>
    private const int SquaresFromSums = ColumnsPerPass + 64;

    /// <summary>From the sum of a column to its shift, negated.</summary>
    private const int ShiftsFromSums = 2 * SquaresFromSums;

    /// <summary>Merges rows of one bin.</summary>
    /// <param name="features">[n x width].</param>
    /// <param name="rows">[count] rows to merge, at least one.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="width">D.</param>
    /// <param name="before">Rows merged before.</param>
    /// <param name="means">[width].</param>
    /// <param name="scatters">[width] sums of squared deviations.</param>
    /// <param name="toCome">Rows to ask memory for, one for each that is merged; null when no others are known than those of this bin.</param>
    public static void Merge(float* features, int* rows, int count, int width, long before, double* means, double* scatters, RowsToCome* toCome = null)
    {
        int* later = stackalloc int[RowsPerPass];
        int rowsAhead = CacheLine.RowsAhead(width);
        for (int done = 0; done < count; done += RowsPerPass)
        {
            int pass = Math.Min(RowsPerPass, count - done);
            var update = new PairwiseUpdate(pass, before + done);
            for (int r = 0; r < pass && toCome != null; r++)
            {
                later[r] = toCome->Next();
            }

            for (int column = 0; column < width; column += ColumnsPerPass)
            {
                int columns = Math.Min(ColumnsPerPass, width - column);
                int* known = toCome == null ? null : later;
                var piece = new Piece(features + column, rows + done, known, pass, count - done, rowsAhead, width, columns, means + column, scatters + column);
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
        for (int r = 0; r < piece.Count; r++)
        {
            FetchRow(piece.RowLater(r), piece.Columns);
        }

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
        double* sums = stackalloc double[ShiftsFromSums + ColumnsPerPass];
        int columns = piece.Columns / TSimd.Width * TSimd.Width;
        for (int j = 0; j < columns; j += TSimd.Width)
        {
            TSimd.Store(TSimd.Zero, sums + j);
            TSimd.Store(TSimd.Zero, sums + j + SquaresFromSums);
            TSimd.Store(TSimd.Subtract(TSimd.Zero, TSimd.LoadWide(piece.Row(0) + j)), sums + j + ShiftsFromSums);
        }

        FetchRow(piece.RowLater(0), piece.Columns);
        for (int r = 1; r < piece.Count; r += 4)
        {
            AddFourRows<TSimd, TVector>(in piece, r, columns, sums);
        }

        for (int j = 0; j < columns; j += TSimd.Width)
        {
            Take<TSimd, TVector>(piece, j, TSimd.LoadWide(piece.Row(0) + j), TSimd.Load(sums + j), TSimd.Load(sums + j + SquaresFromSums), update);
        }

        return columns;
    }

    // Four rows for each visit of a sum, and a quarter of the loop for each of the rows to come. The first row stands for those that do not exist: its distances are 0.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFourRows<TSimd, TVector>(in Piece piece, int r, int columns, double* sums)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        const int FloatsOfLine = CacheLine.Size / sizeof(float);
        float* x = piece.Row(r);
        nint second = (nint)(piece.RowOrFirst(r + 1) - x), third = (nint)(piece.RowOrFirst(r + 2) - x), fourth = (nint)(piece.RowOrFirst(r + 3) - x);
        TVector one = TSimd.Broadcast(1);
        int step = 2 * TSimd.Width, j = 0;
        for (int quarter = 1; quarter <= 4; quarter++)
        {
            float* near = piece.RowAhead(r + quarter - 1), far = piece.RowLater(r + quarter - 1);
            for (int end = quarter * columns / 4; j <= end - step; j += step)
            {
                for (int line = 0; line < TSimd.Width / 2; line++)
                {
                    CacheLine.FetchFar(near);
                    near += FloatsOfLine;
                    if (far != null)
                    {
                        CacheLine.FetchFar(far);
                        far += FloatsOfLine;
                    }
                }

                AddFour<TSimd, TVector>(x, second, third, fourth, one, sums);
                AddFour<TSimd, TVector>(x + TSimd.Width, second, third, fourth, one, sums + TSimd.Width);
                x += step;
                sums += step;
            }
        }

        for (; j < columns; j += TSimd.Width)
        {
            AddFour<TSimd, TVector>(x, second, third, fourth, one, sums);
            x += TSimd.Width;
            sums += TSimd.Width;
        }
    }

    // Nothing when the row is not known.
    private static void FetchRow(float* row, int columns)
    {
        for (int j = 0; j < columns && row != null; j += CacheLine.Size / sizeof(float))
        {
            CacheLine.FetchFar(row + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddFour<TSimd, TVector>(float* x, nint second, nint third, nint fourth, TVector one, double* sums)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        // Differences as multiply-adds: some cores do these elsewhere than conversions and additions, of which there are 8 already.
        TVector shift = TSimd.Load(sums + ShiftsFromSums);
        TVector d0 = TSimd.MultiplyAdd(TSimd.LoadWide(x), one, shift), d1 = TSimd.MultiplyAdd(TSimd.LoadWide(x + second), one, shift);
        TVector d2 = TSimd.MultiplyAdd(TSimd.LoadWide(x + third), one, shift), d3 = TSimd.MultiplyAdd(TSimd.LoadWide(x + fourth), one, shift);
        TSimd.Store(TSimd.Add(TSimd.Load(sums), TSimd.Add(TSimd.Add(d0, d1), TSimd.Add(d2, d3))), sums);
        TVector squares = TSimd.MultiplyAdd(d0, d0, TSimd.Load(sums + SquaresFromSums));
        squares = TSimd.MultiplyAdd(d1, d1, squares);
        squares = TSimd.MultiplyAdd(d2, d2, squares);
        TSimd.Store(TSimd.MultiplyAdd(d3, d3, squares), sums + SquaresFromSums);
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
    private readonly struct Piece(float* features, int* rows, int* later, int count, int rowsLeft, int rowsAhead, int width, int columns, double* means, double* scatters)
    {
        public int Count => count;

        public int Columns => columns;

        public double* Means => means;

        public double* Scatters => scatters;

        /// <summary>A row to fetch long before it is merged, one for each that is; null when none is known.</summary>
        public float* RowLater(int r) => later == null || r >= count ? null : features + (long)later[r] * width;

        public float* Row(int r) => features + (long)rows[r] * width;

        /// <summary>The row, or the first one behind the last.</summary>
        public float* RowOrFirst(int r) => Row(r < count ? r : 0);

        /// <summary>A row to fetch soon before it is merged, of this pass or the next: the last row of the bin stands for those that do not exist.</summary>
        public float* RowAhead(int r) => features + (long)rows[Math.Min(r + rowsAhead, rowsLeft - 1)] * width;
    }

    /// <summary>The factors of the pairwise update: 1/n_b, n_b/n and n_a n_b/n.</summary>
    private readonly struct PairwiseUpdate(int count, long before)
    {
        public double Inverse { get; } = 1.0 / count;

        public double Share { get; } = (double)count / (before + count);

        public double Between { get; } = before * ((double)count / (before + count));
    }
}
