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

    private static int TileLength => ScatterKernel.TileRows * MatrixProduct.PanelWidth;

    // Tiles of a square of two panels, which are computed together: what they read of a run then stays in the first-level cache.
    private static int SquareLength => MatrixProduct.PanelWidth * MatrixProduct.PanelWidth;

    /// <summary>Merges rows of one bin.</summary>
    /// <param name="features">[n x D].</param>
    /// <param name="rows">[count] rows to merge, at least one.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="shape">D and the block size.</param>
    /// <param name="before">Rows merged before.</param>
    /// <param name="means">[D].</param>
    /// <param name="scatters">[D x g], lower triangles of the blocks.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> elements, aligned.</param>
    public static void Merge(float* features, int* rows, int count, BinShape shape, long before, double* means, double* scatters, float* scratch)
    {
        var panels = new CentredPanels(shape, scratch + DeltaLength(shape) + SquareLength);
        for (int done = 0; done < count; done += panels.RowsPerPass)
        {
            var pass = new Pass(features, rows + done, Math.Min(panels.RowsPerPass, count - done), count - done, before + done);
            switch (InstructionSet.Bits)
            {
                case 512:
                    MergePass<Simd512, Vector512<float>, WideSimd512, Vector512<double>>(pass, panels, shape, means, scatters, scratch);
                    break;
                case 256:
                    MergePass<Simd256, Vector256<float>, WideSimd256, Vector256<double>>(pass, panels, shape, means, scatters, scratch);
                    break;
                default:
                    MergePass<Simd128, Vector128<float>, WideSimd128, Vector128<double>>(pass, panels, shape, means, scatters, scratch);
                    break;
            }
        }
    }

    // The differences are of double precision: two elements each; whole cache lines.
    private static long DeltaLength(BinShape shape) => (2L * shape.Dimensions + 15) / 16 * 16;

    private static void MergePass<TSimd, TVector, TWide, TWideVector>(
        Pass pass, CentredPanels panels, BinShape shape, double* means, double* scatters, float* scratch)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TWide : struct, IWideSimd<TWideVector>
        where TWideVector : unmanaged
    {
        int depth = panels.Fill<TSimd, TVector, TWide, TWideVector>(pass.Features, pass.Rows, pass.Count, pass.RowsLeft);
        double* delta = (double*)scratch;
        float* tiles = scratch + DeltaLength(shape);
        double share = (double)pass.Count / (pass.Before + pass.Count), between = pass.Before * share;
        for (int i = 0; i < shape.Dimensions; i++)
        {
            delta[i] = panels.Mean[i] - means[i];
            means[i] = pass.Before == 0 ? panels.Mean[i] : means[i] + delta[i] * share;
        }

        int panelWidth = MatrixProduct.PanelWidth;
        for (int start = 0, block = 0; start < shape.Dimensions; start += shape.BlockSize, block++)
        {
            int size = Math.Min(shape.BlockSize, shape.Dimensions - start);
            for (int column = 0; column < size; column += panelWidth)
            {
                float* b = panels.Panel(block, column / panelWidth);
                for (int row = column; row < size; row += panelWidth)
                {
                    var square = new Square(row, Math.Min(size, row + panelWidth), column, shape.BlockSize, scatters + (long)start * shape.BlockSize);
                    new Span<float>(tiles, SquareLength).Clear();
                    Multiply<TSimd, TVector>(panels.Panel(block, row / panelWidth), b, depth, square, tiles);
                    AddTiles<TWide, TWideVector>(tiles, square, between, delta + start);
                }
            }
        }
    }

    private static void Multiply<TSimd, TVector>(float* a, float* b, int depth, in Square square, float* tiles)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int tileRows = ScatterKernel.TileRows, runs = (depth + RowsPerRun - 1) / RowsPerRun;
        for (int run = 0; run < runs; run++)
        {
            int k = run * RowsPerRun;
            int rows = Math.Min(RowsPerRun, depth - k);
            float* tile = tiles, from = a + (long)k * MatrixProduct.PanelWidth, panel = b + (long)k * MatrixProduct.PanelWidth;
            for (int row = square.Row; row < square.End; row += tileRows, tile += TileLength, from += tileRows)
            {
                // Some rows at a time: a core waits for no more than a dozen lines at once.
                FetchRows(square, row + tileRows * run / runs, row + tileRows * (run + 1) / runs);
                if (ScatterKernel.HasLeft && row + tileRows <= square.Column + TSimd.Width)
                {
                    ScatterKernel.RunLeft<TSimd, TVector>(from, panel, rows, tile);
                }
                else
                {
                    ScatterKernel.Run<TSimd, TVector>(from, panel, rows, tile);
                }
            }
        }
    }

    // Scatters of all bins are larger than the caches: what a tile will be added to comes from memory while the tile is computed.
    private static void FetchRows(in Square square, int row, int end)
    {
        for (int i = row; i < Math.Min(square.End, end); i++)
        {
            int last = Math.Min(square.Column + MatrixProduct.PanelWidth - 1, i);
            for (int j = square.Column; j <= last; j += CacheLine.Size / sizeof(double))
            {
                CacheLine.Fetch(square.Scatter + (long)i * square.BlockSize + j);
            }
        }
    }

    // scatter += tiles + between delta delta^T, on the entries that lie on or below the diagonal.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTiles<TWide, TWideVector>(float* tile, in Square square, double between, double* delta)
        where TWide : struct, IWideSimd<TWideVector>
        where TWideVector : unmanaged
    {
        for (int i = square.Row; i < square.End; i++, tile += MatrixProduct.PanelWidth)
        {
            int columns = Math.Min(MatrixProduct.PanelWidth, i + 1 - square.Column), j = 0;
            double* to = square.Scatter + (long)i * square.BlockSize + square.Column, other = delta + square.Column;
            double factor = between * delta[i];
            TWideVector factors = TWide.Broadcast(factor);
            for (; j <= columns - TWide.Width; j += TWide.Width)
            {
                TWideVector added = TWide.MultiplyAdd(factors, TWide.Load(other + j), TWide.LoadWide(tile + j));
                TWide.Store(TWide.Add(TWide.Load(to + j), added), to + j);
            }

            for (; j < columns; j++)
            {
                to[j] += tile[j] + factor * other[j];
            }
        }
    }

    /// <summary>Rows and columns of a scatter matrix that two panels make.</summary>
    private readonly struct Square(int row, int end, int column, int blockSize, double* scatter)
    {
        public int Row => row;

        public int End => end;

        public int Column => column;

        public int BlockSize => blockSize;

        public double* Scatter => scatter;
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
