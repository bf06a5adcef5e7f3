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
    public static long ScratchLength(BinShape shape) => DeltaLength(shape) + TileLength + CentredPanels.ScratchLength(shape);

    private static int TileLength => ScatterKernel.TileRows * MatrixProduct.PanelWidth;

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
        var panels = new CentredPanels(shape, scratch + DeltaLength(shape) + TileLength);
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
        float* tile = scratch + DeltaLength(shape);
        double share = (double)pass.Count / (pass.Before + pass.Count), between = pass.Before * share;
        for (int i = 0; i < shape.Dimensions; i++)
        {
            delta[i] = panels.Mean[i] - means[i];
            means[i] = pass.Before == 0 ? panels.Mean[i] : means[i] + delta[i] * share;
        }

        int tileRows = ScatterKernel.TileRows, panelWidth = MatrixProduct.PanelWidth;
        for (int start = 0, block = 0; start < shape.Dimensions; start += shape.BlockSize, block++)
        {
            int size = Math.Min(shape.BlockSize, shape.Dimensions - start);
            for (int column = 0; column < size; column += panelWidth)
            {
                float* b = panels.Panel(block, column / panelWidth);
                for (int row = column; row < size; row += tileRows)
                {
                    float* a = panels.Panel(block, row / panelWidth) + row % panelWidth;
                    int end = Math.Min(size, row + tileRows);
                    FetchTile(row, end, column, shape.BlockSize, scatters + (long)start * shape.BlockSize);
                    new Span<float>(tile, TileLength).Clear();
                    Multiply<TSimd, TVector>(a, b, depth, tile, leftOnly: ScatterKernel.HasLeft && row + tileRows <= column + TSimd.Width);

                    AddTile<TWide, TWideVector>(tile, row, end, column, shape.BlockSize, between, delta + start, scatters + (long)start * shape.BlockSize);
                }
            }
        }
    }

    private static void Multiply<TSimd, TVector>(float* a, float* b, int depth, float* tile, bool leftOnly)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (int k = 0; k < depth; k += RowsPerRun)
        {
            int rows = Math.Min(RowsPerRun, depth - k);
            if (leftOnly)
            {
                ScatterKernel.RunLeft<TSimd, TVector>(a, b, rows, tile);
            }
            else
            {
                ScatterKernel.Run<TSimd, TVector>(a, b, rows, tile);
            }

            a += RowsPerRun * MatrixProduct.PanelWidth;
            b += RowsPerRun * MatrixProduct.PanelWidth;
        }
    }

    // Scatters of all bins are larger than the caches: what a tile will be added to comes from memory while the tile is computed.
    private static void FetchTile(int row, int end, int column, int blockSize, double* scatter)
    {
        for (int i = row; i < end; i++)
        {
            int last = Math.Min(column + MatrixProduct.PanelWidth - 1, i);
            for (int j = column; j <= last; j += CacheLine.Size / sizeof(double))
            {
                CacheLine.Fetch(scatter + (long)i * blockSize + j);
            }
        }
    }

    // scatter += tile + between delta delta^T, on the entries of the tile that lie on or below the diagonal.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTile<TWide, TWideVector>(float* tile, int row, int end, int column, int blockSize, double between, double* delta, double* scatter)
        where TWide : struct, IWideSimd<TWideVector>
        where TWideVector : unmanaged
    {
        for (int i = row; i < end; i++, tile += MatrixProduct.PanelWidth)
        {
            int columns = Math.Min(MatrixProduct.PanelWidth, i + 1 - column), j = 0;
            double* to = scatter + (long)i * blockSize + column, other = delta + column;
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
