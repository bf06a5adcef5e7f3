using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// Merges rows into the mean and the scatter matrices of a bin: rows are centred on the mean of a few hundred of them, their products summed in
/// single precision by the tile kernel of the matrix product, and each pass added to the scatters in double precision together with the pairwise update.
/// Only tiles on or below the diagonal are computed: about D (D + 1) flops a row for one block of D dimensions.
/// </summary>
internal static unsafe class BlockMoments
{
    /// <summary>Rows whose products are summed in single precision before they meet the double-precision scatters: bounds the error by 130 u.</summary>
    public const int RowsPerPass = 128;

    /// <summary>Elements of scratch, of single precision, that one merge needs.</summary>
    public static long ScratchLength(int width) => (long)RowsPerPass * Stride(width) + 2 * 2L * Stride(width) + TileLength + PanelLength;

    private static int TileLength => MatrixProduct.TileRows * MatrixProduct.PanelWidth;

    private static int PanelLength => RowsPerPass * MatrixProduct.PanelWidth;

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
        for (int done = 0; done < count; done += RowsPerPass)
        {
            int pass = Math.Min(RowsPerPass, count - done);
            switch (InstructionSet.Bits)
            {
                case 512:
                    MergePass<Simd512, Vector512<float>, WideSimd512, Vector512<double>>(features, rows + done, pass, shape, before + done, means, scatters, scratch);
                    break;
                case 256:
                    MergePass<Simd256, Vector256<float>, WideSimd256, Vector256<double>>(features, rows + done, pass, shape, before + done, means, scatters, scratch);
                    break;
                default:
                    MergePass<Simd128, Vector128<float>, WideSimd128, Vector128<double>>(features, rows + done, pass, shape, before + done, means, scatters, scratch);
                    break;
            }
        }
    }

    // Tiles may read a panel and a tile past the last dimension: zeros lie there.
    private static int Stride(int width) => (width + MatrixProduct.PanelWidth + MatrixProduct.TileRows + 15) / 16 * 16;

    private static void MergePass<TSimd, TVector, TWide, TWideVector>(
        float* features, int* rows, int count, BinShape shape, long before, double* means, double* scatters, float* scratch)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TWide : struct, IWideSimd<TWideVector>
        where TWideVector : unmanaged
    {
        int width = shape.Dimensions, stride = Stride(width), panelWidth = MatrixProduct.PanelWidth;
        double* mean = (double*)scratch, delta = mean + stride;
        float* tile = (float*)(delta + stride), panel = tile + TileLength, centred = panel + PanelLength;
        Center<TWide, TWideVector>(features, rows, count, width, stride, mean, centred);
        double share = (double)count / (before + count), between = before * share;
        for (int i = 0; i < width; i++)
        {
            delta[i] = mean[i] - means[i];
            means[i] = before == 0 ? mean[i] : means[i] + delta[i] * share;
        }

        // One row is its own mean: its products are 0.
        int depth = count == 1 ? 0 : count;
        for (int start = 0; start < width; start += shape.BlockSize)
        {
            int size = Math.Min(shape.BlockSize, width - start);
            double* scatter = scatters + (long)start * shape.BlockSize;
            for (int column = 0; column < size; column += panelWidth)
            {
                for (int k = 0; k < depth; k++)
                {
                    float* from = centred + (long)k * stride + start + column;
                    new ReadOnlySpan<float>(from, panelWidth).CopyTo(new Span<float>(panel + k * panelWidth, panelWidth));
                }

                for (int row = column; row < size; row += MatrixProduct.TileRows)
                {
                    TileKernel.Run<TSimd, TVector>(centred + start + row, 1, stride, panel, panelWidth, depth, null, tile, panelWidth);
                    int end = Math.Min(size, row + MatrixProduct.TileRows);
                    AddTile<TWide, TWideVector>(tile, row, end, column, shape.BlockSize, between, delta + start, scatter);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Center<TWide, TWideVector>(float* features, int* rows, int count, int width, int stride, double* mean, float* centred)
        where TWide : struct, IWideSimd<TWideVector>
        where TWideVector : unmanaged
    {
        int vectors = width / TWide.Width * TWide.Width;
        for (int j = 0; j < width; j++)
        {
            mean[j] = 0;
        }

        for (int k = 0; k < count; k++)
        {
            float* x = features + (long)rows[k] * width;
            for (int j = 0; j < vectors; j += TWide.Width)
            {
                TWide.Store(TWide.Add(TWide.Load(mean + j), TWide.LoadWide(x + j)), mean + j);
            }

            for (int j = vectors; j < width; j++)
            {
                mean[j] += x[j];
            }
        }

        for (int j = 0; j < width; j++)
        {
            mean[j] /= count;
        }

        for (int k = 0; k < count; k++)
        {
            float* x = features + (long)rows[k] * width, to = centred + (long)k * stride;
            for (int j = 0; j < vectors; j += TWide.Width)
            {
                TWide.StoreNarrow(TWide.Subtract(TWide.LoadWide(x + j), TWide.Load(mean + j)), to + j);
            }

            for (int j = vectors; j < width; j++)
            {
                to[j] = (float)(x[j] - mean[j]);
            }

            for (int j = width; j < stride; j++)
            {
                to[j] = 0;
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
}
