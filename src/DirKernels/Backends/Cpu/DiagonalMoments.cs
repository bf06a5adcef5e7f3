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
/// A pass goes over its rows once for each strip of columns whose sums fit the registers; its rows stay in the second-level cache meanwhile.
/// </remarks>
internal static unsafe class DiagonalMoments
{
    /// <summary>Rows that share a shift: bounds the cancellation.</summary>
    private const int MostRowsOfPass = 128;

    private const int FewestRowsOfPass = 8;

    // A pass, and as much that is asked for meanwhile, in the second-level cache.
    private const int BytesOfPass = 128 << 10;

    /// <summary>Rows of a pass, and how many rows before it is merged a row is to be asked for: then all rows of a pass are there when it begins.</summary>
    /// <param name="width">D.</param>
    public static int RowsOfPass(int width) => (int)Math.Clamp(BytesOfPass / ((long)width * sizeof(float)), FewestRowsOfPass, MostRowsOfPass);

    /// <summary>Merges rows of one bin.</summary>
    /// <param name="features">[n x width].</param>
    /// <param name="rows">[count] rows to merge, at least one.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="width">D.</param>
    /// <param name="before">Rows merged before.</param>
    /// <param name="means">[width].</param>
    /// <param name="scatters">[width] sums of squared deviations.</param>
    /// <param name="toCome">Rows to ask memory for, one for each that is merged; null to go on to the last row of this bin.</param>
    /// <param name="fromMemory">Whether these come from beyond the caches. Memory answers fastest when it is asked for one line at a time.</param>
    public static void Merge(float* features, int* rows, int count, int width, long before, double* means, double* scatters, RowsToCome* toCome = null, bool fromMemory = false)
    {
        // One more of the rows to come: a place behind the last is read, and asked for in vain.
        float** own = stackalloc float*[MostRowsOfPass], later = stackalloc float*[MostRowsOfPass + 1];
        int passRows = RowsOfPass(width);

        // Narrow rows take few strips, and need not be there before the pass begins.
        int ahead = passRows == MostRowsOfPass ? CacheLine.RowsAhead(width) : passRows;
        for (int done = 0; done < count; done += passRows)
        {
            int pass = Math.Min(passRows, count - done);
            for (int r = 0; r < pass; r++)
            {
                int laterRow = toCome == null ? rows[Math.Min(done + r + ahead, count - 1)] : toCome->Next();
                own[r] = features + (long)rows[done + r] * width;
                later[r] = features + (long)laterRow * width;
            }

            later[pass] = own[0];
            var update = new PairwiseUpdate(pass, before + done);
            int column = InstructionSet.Bits switch
            {
                512 => MergeStrips<WideSimd512, Vector512<double>>(own, later, width, fromMemory, update, means, scatters),
                256 => MergeStrips<WideSimd256, Vector256<double>>(own, later, width, fromMemory, update, means, scatters),
                _ => MergeStrips<WideSimd128, Vector128<double>>(own, later, width, fromMemory, update, means, scatters),
            };
            for (; column < width; column++)
            {
                MergeColumn(own, column, update, means, scatters);
            }
        }
    }

    private static int MergeStrips<TSimd, TVector>(float** rows, float** later, int width, bool fromMemory, PairwiseUpdate update, double* means, double* scatters)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        // A line is two registers of 512 bits, or four of 256.
        int two = 2 * TSimd.Width, four = 2 * two, column = 0;
        var fetch = new FetchAhead(later, width);
        for (; TSimd.Width == 8 && fromMemory && column <= width - two; column += two)
        {
            MergeTwo<TSimd, TVector>(rows, column, ref fetch, update, means, scatters);
        }

        for (; column <= width - four; column += four)
        {
            MergeFour<TSimd, TVector>(rows, column, ref fetch, update, means, scatters);
        }

        for (; column <= width - TSimd.Width; column += TSimd.Width)
        {
            MergeOne<TSimd, TVector>(rows, column, ref fetch, update, means, scatters);
        }

        return column;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MergeTwo<TSimd, TVector>(float** rows, int column, ref FetchAhead fetch, PairwiseUpdate update, double* means, double* scatters)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        int width = TSimd.Width;
        TVector shift0 = TSimd.LoadWide(rows[0] + column), shift1 = TSimd.LoadWide(rows[0] + column + width);
        TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero, squares0 = TSimd.Zero, squares1 = TSimd.Zero;
        FetchAhead ahead = fetch;
        int lines = FetchAhead.LinesOf(column, 2 * width);
        ahead.Next(lines);
        for (int r = 1; r < update.Count; r++)
        {
            float* x = rows[r] + column;
            ahead.Next(lines);
            Add<TSimd, TVector>(x, shift0, ref sum0, ref squares0);
            Add<TSimd, TVector>(x + width, shift1, ref sum1, ref squares1);
        }

        fetch = ahead;
        Take<TSimd, TVector>(shift0, sum0, squares0, update, means + column, scatters + column);
        Take<TSimd, TVector>(shift1, sum1, squares1, update, means + column + width, scatters + column + width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MergeFour<TSimd, TVector>(float** rows, int column, ref FetchAhead fetch, PairwiseUpdate update, double* means, double* scatters)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        int width = TSimd.Width;
        float* first = rows[0] + column;
        TVector shift0 = TSimd.LoadWide(first), shift1 = TSimd.LoadWide(first + width), shift2 = TSimd.LoadWide(first + 2 * width), shift3 = TSimd.LoadWide(first + 3 * width);
        TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero, sum2 = TSimd.Zero, sum3 = TSimd.Zero;
        TVector squares0 = TSimd.Zero, squares1 = TSimd.Zero, squares2 = TSimd.Zero, squares3 = TSimd.Zero;
        FetchAhead ahead = fetch;
        int lines = FetchAhead.LinesOf(column, 4 * width);
        ahead.Next(lines);
        for (int r = 1; r < update.Count; r++)
        {
            float* x = rows[r] + column;
            ahead.Next(lines);
            Add<TSimd, TVector>(x, shift0, ref sum0, ref squares0);
            Add<TSimd, TVector>(x + width, shift1, ref sum1, ref squares1);
            Add<TSimd, TVector>(x + 2 * width, shift2, ref sum2, ref squares2);
            Add<TSimd, TVector>(x + 3 * width, shift3, ref sum3, ref squares3);
        }

        fetch = ahead;
        means += column;
        scatters += column;
        Take<TSimd, TVector>(shift0, sum0, squares0, update, means, scatters);
        Take<TSimd, TVector>(shift1, sum1, squares1, update, means + width, scatters + width);
        Take<TSimd, TVector>(shift2, sum2, squares2, update, means + 2 * width, scatters + 2 * width);
        Take<TSimd, TVector>(shift3, sum3, squares3, update, means + 3 * width, scatters + 3 * width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MergeOne<TSimd, TVector>(float** rows, int column, ref FetchAhead fetch, PairwiseUpdate update, double* means, double* scatters)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        TVector shift = TSimd.LoadWide(rows[0] + column), sum = TSimd.Zero, squares = TSimd.Zero;
        FetchAhead ahead = fetch;
        int lines = FetchAhead.LinesOf(column, TSimd.Width);
        ahead.Next(lines);
        for (int r = 1; r < update.Count; r++)
        {
            ahead.Next(lines);
            Add<TSimd, TVector>(rows[r] + column, shift, ref sum, ref squares);
        }

        fetch = ahead;
        Take<TSimd, TVector>(shift, sum, squares, update, means + column, scatters + column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TSimd, TVector>(float* x, TVector shift, ref TVector sum, ref TVector squares)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        TVector distance = TSimd.Subtract(TSimd.LoadWide(x), shift);
        sum = TSimd.Add(sum, distance);
        squares = TSimd.MultiplyAdd(distance, distance, squares);
    }

    /// <summary>The pairwise update of one register of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take<TSimd, TVector>(TVector shift, TVector sum, TVector squares, PairwiseUpdate update, double* means, double* scatters)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        // Rounding may leave a little less than nothing of a column that is almost constant.
        TVector offset = TSimd.Multiply(sum, TSimd.Broadcast(update.Inverse));
        TVector scatter = TSimd.Max(TSimd.Subtract(squares, TSimd.Multiply(sum, offset)), TSimd.Zero);
        TVector old = TSimd.Load(means), delta = TSimd.Add(TSimd.Subtract(shift, old), offset);
        TSimd.Store(TSimd.MultiplyAdd(delta, TSimd.Broadcast(update.Share), old), means);
        scatter = TSimd.MultiplyAdd(TSimd.Multiply(delta, delta), TSimd.Broadcast(update.Between), scatter);
        TSimd.Store(TSimd.Add(TSimd.Load(scatters), scatter), scatters);
    }

    private static void MergeColumn(float** rows, int column, PairwiseUpdate update, double* means, double* scatters)
    {
        double shift = rows[0][column], sum = 0, squares = 0;
        for (int r = 1; r < update.Count; r++)
        {
            double distance = rows[r][column] - shift;
            sum += distance;
            squares += distance * distance;
        }

        double offset = sum * update.Inverse, delta = shift - means[column] + offset;
        means[column] += delta * update.Share;
        scatters[column] += Math.Max(squares - sum * offset, 0) + delta * delta * update.Between;
    }

    /// <summary>Asks for the rows to come, each from its beginning to its end: as many lines for each row of a strip as begin in the strip.</summary>
    private struct FetchAhead
    {
        private const int LineLength = CacheLine.Size / sizeof(float);

        private readonly int _lines;
        private float** _rows;
        private float* _next;
        private int _left;

        /// <param name="rows">Rows to come, and one more.</param>
        /// <param name="width">Columns.</param>
        public FetchAhead(float** rows, int width)
        {
            _lines = _left = (width + LineLength - 1) / LineLength;
            _rows = rows;
            _next = *rows;
        }

        /// <summary>Lines that begin in a strip, at most two for four registers.</summary>
        public static int LinesOf(int column, int columns) => (column + columns + LineLength - 1) / LineLength - (column + LineLength - 1) / LineLength;

        /// <summary>Asks for the next lines, two at most.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Next(int lines)
        {
            if (lines > 0)
            {
                CacheLine.FetchFar(_next);
                CacheLine.FetchFar(_next + (lines - 1) * LineLength);
                _next += lines * LineLength;
                _left -= lines;
                if (_left <= 0)
                {
                    _next = *++_rows;
                    _left = _lines;
                }
            }
        }
    }

    /// <summary>The factors of the pairwise update: 1/n_b, n_b/n and n_a n_b/n.</summary>
    private readonly struct PairwiseUpdate(int count, long before)
    {
        public int Count => count;

        public double Inverse { get; } = 1.0 / count;

        public double Share { get; } = (double)count / (before + count);

        public double Between { get; } = before * ((double)count / (before + count));
    }
}
