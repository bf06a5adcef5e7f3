using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// Merges rows into the mean and the scatter matrices of a bin: rows are centred on means of their own, their products summed in single precision in runs
/// of a few rows, and each pass of some hundred rows added to the scatters in double precision together with the pairwise update. Only tiles that reach
/// below the diagonal are computed: about D (D + 1) flops a row for one block of D dimensions.
/// </summary>
internal static unsafe class BlockMoments
{
    /// <summary>
    /// Rows whose products are summed one after the other in single precision; the runs of a pass, at most nine, are then added to each other. An entry passes
    /// through 64 + 9 additions and has two factors, each rounded twice: an error of at most 77 u.
    /// </summary>
    private const int RowsPerRun = 64;

    /// <summary>Elements of scratch, of single precision, that one merge needs.</summary>
    public static long ScratchLength(BinShape shape) => DeltaLength(shape) + SquareLength + CentredPanels.ScratchLength(shape);

    // Tiles of a panel and two others, which are computed together: what they read of a run then stays in the first-level cache.
    private static int SquareLength => 2 * MatrixProduct.PanelWidth * MatrixProduct.PanelWidth;

    /// <summary>Merges rows of one bin.</summary>
    /// <param name="features">[n x D].</param>
    /// <param name="rows">[count] rows to merge, at least one.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="shape">D and the block size.</param>
    /// <param name="before">Rows merged before.</param>
    /// <param name="means">[D].</param>
    /// <param name="scatters">[D x g], lower triangles of the blocks.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> elements, aligned.</param>
    public static void Merge(float* features, int* rows, int count, BinShape shape, long before, double* means, double* scatters, float* scratch) =>
        Run(features, rows, count, shape, before, means, scatters, scratch, default);

    /// <summary>
    /// Merges rows of one bin and takes its covariances into the running ones, <c>running = keep running + take scatter</c> on the lower triangles: what the last pass computes goes there without a
    /// scatter matrix between.
    /// </summary>
    /// <param name="features">[n x D].</param>
    /// <param name="rows">[count] rows to merge, at least one.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="shape">D and the block size.</param>
    /// <param name="before">Rows merged before; when there are none, what means and scatters hold is not read.</param>
    /// <param name="means">[D], of all rows afterwards.</param>
    /// <param name="scatters">[D x g], working memory afterwards.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> elements, aligned.</param>
    /// <param name="blend">The running covariances and the factors.</param>
    public static void Blend(float* features, int* rows, int count, BinShape shape, long before, double* means, double* scatters, float* scratch, in CovarianceBlend blend) =>
        Run(features, rows, count, shape, before, means, scatters, scratch, blend);

    private static void Run(float* features, int* rows, int count, BinShape shape, long before, double* means, double* scatters, float* scratch, in CovarianceBlend blend)
    {
        var panels = new CentredPanels(shape, scratch + DeltaLength(shape) + SquareLength);
        bool blends = blend.Running != null;
        if (blends && before == 0)
        {
            new Span<double>(means, shape.Dimensions).Clear();
            if (count > panels.RowsPerPass)
            {
                new Span<double>(scatters, shape.CovarianceWidth).Clear();
            }
        }

        for (int done = 0; done < count; done += panels.RowsPerPass)
        {
            var pass = new Pass(features, rows + done, Math.Min(panels.RowsPerPass, count - done), count - done, before + done);
            bool isLast = pass.Count == pass.RowsLeft;
            var target = new Target(blends && pass.Before == 0 && isLast ? null : scatters, isLast ? blend : default);
            switch (InstructionSet.Bits)
            {
                case 512:
                    MergePass<Simd512, Vector512<float>, WideSimd512, Vector512<double>>(pass, panels, shape, means, target, scratch);
                    break;
                case 256:
                    MergePass<Simd256, Vector256<float>, WideSimd256, Vector256<double>>(pass, panels, shape, means, target, scratch);
                    break;
                default:
                    MergePass<Simd128, Vector128<float>, WideSimd128, Vector128<double>>(pass, panels, shape, means, target, scratch);
                    break;
            }
        }
    }

    // The differences are of double precision: two elements each; whole cache lines.
    private static long DeltaLength(BinShape shape) => (2L * shape.Dimensions + 15) / 16 * 16;

    private static void MergePass<TSimd, TVector, TWide, TWideVector>(
        Pass pass, CentredPanels panels, BinShape shape, double* means, in Target target, float* scratch)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TWide : struct, IWideSimd<TWideVector>
        where TWideVector : unmanaged
    {
        int depth = panels.Fill<TSimd, TVector, TWide, TWideVector>(pass.Features, pass.Rows, pass.Count, pass.RowsLeft);
        double* delta = (double*)scratch;
        float* tiles = scratch + DeltaLength(shape);
        double share = (double)pass.Count / (pass.Before + pass.Count), between = pass.Before * share;
        MoveMeans<TWide, TWideVector>(panels.Mean, share, pass.Before == 0, shape.Dimensions, means, delta);

        int panelWidth = MatrixProduct.PanelWidth, together = ScatterKernel.WideRows > 0 ? 2 : 1;
        for (int start = 0, block = 0; start < shape.Dimensions; start += shape.BlockSize, block++)
        {
            int size = Math.Min(shape.BlockSize, shape.Dimensions - start);
            Target blockTarget = target.From((long)start * shape.BlockSize);
            for (int row = 0; row < size; row += panelWidth)
            {
                for (int column = 0; column <= row; column += together * panelWidth)
                {
                    // Where the first panel meets the diagonal the second one lies above it.
                    int columns = row == column || column + panelWidth >= size ? panelWidth : together * panelWidth;
                    var square = new Square(row, Math.Min(size, row + panelWidth), column, columns, shape.BlockSize, blockTarget);
                    Multiply<TSimd, TVector>(panels, block, depth, square, tiles);
                    if (target.Blend.Running == null)
                    {
                        AddTiles<TWide, TWideVector>(tiles, square, between, delta + start);
                    }
                    else
                    {
                        BlendTiles<TWide, TWideVector>(tiles, square, between, delta + start);
                    }
                }
            }
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static void MoveMeans<TWide, TWideVector>(double* towards, double share, bool isFirst, int width, double* means, double* delta)
        where TWide : struct, IWideSimd<TWideVector>
        where TWideVector : unmanaged
    {
        int i = 0;
        TWideVector shares = TWide.Broadcast(share);
        for (; i <= width - TWide.Width; i += TWide.Width)
        {
            TWideVector mean = TWide.Load(means + i), target = TWide.Load(towards + i), difference = TWide.Subtract(target, mean);
            TWide.Store(difference, delta + i);
            TWide.Store(isFirst ? target : TWide.Add(mean, TWide.Multiply(difference, shares)), means + i);
        }

        for (; i < width; i++)
        {
            delta[i] = towards[i] - means[i];
            means[i] = isFirst ? towards[i] : means[i] + delta[i] * share;
        }
    }

    private static void Multiply<TSimd, TVector>(in CentredPanels panels, int block, int depth, in Square square, float* tiles)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int runs = (depth + RowsPerRun - 1) / RowsPerRun;
        MultiplyRun<TSimd, TVector, ReplacingStore>(panels, block, depth, square, 0, runs, tiles);
        for (int run = 1; run < runs; run++)
        {
            MultiplyRun<TSimd, TVector, AddingStore>(panels, block, depth, square, run, runs, tiles);
        }
    }

    private static void MultiplyRun<TSimd, TVector, TStore>(in CentredPanels panels, int block, int depth, in Square square, int run, int runs, float* tile)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TStore : struct, ITileStore
    {
        int panelWidth = MatrixProduct.PanelWidth, rows = Math.Min(RowsPerRun, depth - run * RowsPerRun);
        bool isWide = square.Columns > panelWidth;
        long k = (long)run * RowsPerRun * panelWidth;
        float* from = panels.Panel(block, square.Row / panelWidth) + k, b = panels.Panel(block, square.Column / panelWidth) + k;
        float* right = isWide ? panels.Panel(block, square.Column / panelWidth + 1) + k : null;
        for (int row = square.Row, tileRows; row < square.End; row += tileRows, tile += tileRows * square.Columns, from += tileRows)
        {
            tileRows = isWide ? ScatterKernel.WideRows : ScatterKernel.TileRows(row - square.Row);

            // Some rows at a time: a core waits for no more than a dozen lines at once.
            FetchRows(square, row + tileRows * run / runs, row + tileRows * (run + 1) / runs);
            if (isWide)
            {
                ScatterKernel.RunWide<TSimd, TVector, TStore>(from, b, right, rows, tile);
            }
            else if (ScatterKernel.HasLeft && row + tileRows <= square.Column + TSimd.Width)
            {
                ScatterKernel.RunLeft<TSimd, TVector, TStore>(from, b, rows, tile);
            }
            else
            {
                ScatterKernel.Run<TSimd, TVector, TStore>(from, b, rows, tileRows, tile);
            }
        }
    }

    // Scatters of all bins are larger than the caches: what a tile will be added to comes from memory while the tile is computed.
    private static void FetchRows(in Square square, int row, int end)
    {
        double* scatter = square.Target.Scatter;
        float* running = square.Target.Blend.Running;
        for (int i = row; i < Math.Min(square.End, end); i++)
        {
            int last = Math.Min(square.Column + square.Columns - 1, i);
            for (int j = square.Column; j <= last && scatter != null; j += CacheLine.Size / sizeof(double))
            {
                CacheLine.Fetch(scatter + (long)i * square.BlockSize + j);
            }

            for (int j = square.Column; j <= last && running != null; j += CacheLine.Size / sizeof(float))
            {
                CacheLine.Fetch(running + (long)i * square.BlockSize + j);
            }
        }
    }

    // scatter += tiles + between delta delta^T, on the entries that lie on or below the diagonal; others in the register that crosses it keep what they hold.
    [MethodImpl(KernelMethod.Options)]
    private static void AddTiles<TWide, TWideVector>(float* tile, in Square square, double between, double* delta)
        where TWide : struct, IWideSimd<TWideVector>
        where TWideVector : unmanaged
    {
        for (int i = square.Row; i < square.End; i++, tile += square.Columns)
        {
            int columns = Math.Min(square.Columns, i + 1 - square.Column), j = 0;
            double* to = square.Target.Scatter + (long)i * square.BlockSize + square.Column, other = delta + square.Column;
            double factor = between * delta[i];
            TWideVector factors = TWide.Broadcast(factor);
            for (; j <= columns - TWide.Width; j += TWide.Width)
            {
                TWideVector added = TWide.MultiplyAdd(factors, TWide.Load(other + j), TWide.LoadWide(tile + j));
                TWide.Store(TWide.Add(TWide.Load(to + j), added), to + j);
            }

            if (j < columns && square.Column + j + TWide.Width <= square.BlockSize)
            {
                TWideVector added = TWide.MultiplyAdd(factors, TWide.Load(other + j), TWide.LoadWide(tile + j));
                TWide.Store(TWide.Add(TWide.Load(to + j), TWide.First(added, columns - j)), to + j);
                continue;
            }

            for (; j < columns; j++)
            {
                to[j] += double.MultiplyAddEstimate(factor, other[j], tile[j]);
            }
        }
    }

    // running = keep running + take (scatter + tiles + between delta delta^T), where there is a scatter; zeros above the diagonal in the register that crosses it.
    [MethodImpl(KernelMethod.Options)]
    private static void BlendTiles<TWide, TWideVector>(float* tile, in Square square, double between, double* delta)
        where TWide : struct, IWideSimd<TWideVector>
        where TWideVector : unmanaged
    {
        double keep = square.Target.Blend.Keep, take = square.Target.Blend.Take;
        TWideVector keeps = TWide.Broadcast(keep), takes = TWide.Broadcast(take);
        for (int i = square.Row; i < square.End; i++, tile += square.Columns)
        {
            int columns = Math.Min(square.Columns, i + 1 - square.Column), j = 0;
            long at = (long)i * square.BlockSize + square.Column;
            double* scatter = square.Target.Scatter == null ? null : square.Target.Scatter + at, other = delta + square.Column;
            float* running = square.Target.Blend.Running + at;
            double factor = between * delta[i];
            TWideVector factors = TWide.Broadcast(factor);
            for (; j < columns && square.Column + j + TWide.Width <= square.BlockSize; j += TWide.Width)
            {
                TWideVector epoch = TWide.LoadWide(tile + j);
                epoch = scatter == null ? epoch : TWide.Add(TWide.Load(scatter + j), TWide.MultiplyAdd(factors, TWide.Load(other + j), epoch));
                epoch = TWide.Multiply(takes, epoch);

                // A bin that is overwritten must not read what was there: 0 times infinity is not 0.
                epoch = keep == 0 ? epoch : TWide.MultiplyAdd(keeps, TWide.LoadWide(running + j), epoch);
                TWide.StoreNarrow(TWide.First(epoch, columns - j), running + j);
            }

            for (; j < columns; j++)
            {
                double epoch = scatter == null ? tile[j] : scatter[j] + double.MultiplyAddEstimate(factor, other[j], tile[j]);
                running[j] = (float)(keep == 0 ? take * epoch : double.MultiplyAddEstimate(keep, running[j], take * epoch));
            }
        }
    }

    /// <summary>What products are added to.</summary>
    private readonly struct Target(double* scatter, in CovarianceBlend blend)
    {
        private readonly CovarianceBlend _blend = blend;

        /// <summary>Null where nothing was added up before and nothing is to be kept.</summary>
        public double* Scatter => scatter;

        /// <summary>Without an address where products stay with the scatter.</summary>
        public CovarianceBlend Blend => _blend;

        /// <summary>The same from an element on.</summary>
        public Target From(long at) =>
            new(scatter == null ? null : scatter + at, new CovarianceBlend(_blend.Running == null ? null : _blend.Running + at, _blend.Keep, _blend.Take));
    }

    /// <summary>Rows and columns of a scatter matrix that a panel and one or two others make.</summary>
    private readonly struct Square(int row, int end, int column, int columns, int blockSize, in Target target)
    {
        private readonly Target _target = target;

        public int Row => row;

        public int End => end;

        public int Column => column;

        public int Columns => columns;

        public int BlockSize => blockSize;

        public Target Target => _target;
    }

    /// <summary>Some rows of a bin, and how many the bin had before them.</summary>
    private readonly struct Pass(float* features, int* rows, int count, int rowsLeft, long before)
    {
        public float* Features => features;

        public int* Rows => rows;

        public int Count => count;

        public int RowsLeft => rowsLeft;

        public long Before => before;
    }
}
