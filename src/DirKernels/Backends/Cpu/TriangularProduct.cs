using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// Products of a few rows of features with the triangular blocks of one bin's map, by the tile kernel of the matrix product: what lies on the zero side of
/// the diagonal is skipped panel by panel, which halves the work.
/// </summary>
internal static unsafe class TriangularProduct
{
    /// <summary>Rows that one call takes.</summary>
    public const int MostRows = MatrixProduct.TileRows;

    /// <summary>Elements of scratch that a call needs beside its operands.</summary>
    public static int ScratchLength(BinShape shape) => (shape.BlockSize + MostRows) * MatrixProduct.PanelWidth;

    /// <summary>Adds the product to rows elsewhere: <c>result[r] += x[r] M</c> block by block.</summary>
    /// <param name="x">[rows x D], contiguous.</param>
    /// <param name="rows">1..6 rows.</param>
    /// <param name="map">M [D x g], the blocks row by row, zeros on the other side of the diagonal.</param>
    /// <param name="shape">D and g.</param>
    /// <param name="upper">Whether M is upper triangular; otherwise lower.</param>
    /// <param name="results">[rows] rows to add to.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> elements.</param>
    public static void Add(float* x, int rows, float* map, BinShape shape, bool upper, float** results, float* scratch)
    {
        switch (InstructionSet.Bits)
        {
            case 512:
                Add<Simd512, Vector512<float>>(x, rows, map, shape, upper, results, scratch);
                break;
            case 256:
                Add<Simd256, Vector256<float>>(x, rows, map, shape, upper, results, scratch);
                break;
            default:
                Add<Simd128, Vector128<float>>(x, rows, map, shape, upper, results, scratch);
                break;
        }
    }

    private static void Add<TSimd, TVector>(float* x, int rows, float* map, BinShape shape, bool upper, float** results, float* scratch)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int width = shape.Dimensions, panelWidth = MatrixProduct.PanelWidth;
        float* tile = scratch, packed = scratch + MostRows * panelWidth;
        for (int start = 0; start < width; start += shape.BlockSize)
        {
            int size = Math.Min(shape.BlockSize, width - start);
            for (int column = 0; column < size; column += panelWidth)
            {
                // Rows of the block that are not all zero in these columns.
                int first = upper ? 0 : column, end = upper ? Math.Min(size, column + panelWidth) : size, columns = Math.Min(panelWidth, size - column);
                float* panel = map + (long)(start + first) * shape.BlockSize + column;
                nint stride = shape.BlockSize;
                if (columns < panelWidth)
                {
                    Pack(panel, shape.BlockSize, end - first, columns, packed);
                    panel = packed;
                    stride = panelWidth;
                }

                Multiply<TSimd, TVector>(x + start + first, width, rows, panel, stride, end - first, tile);
                for (int r = 0; r < rows; r++)
                {
                    AddRow<TSimd, TVector>(tile + r * panelWidth, results[r] + start + column, columns);
                }
            }
        }
    }

    private static void Multiply<TSimd, TVector>(float* x, int width, int rows, float* panel, nint stride, int depth, float* tile)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        if (rows == MostRows)
        {
            TileKernel.Run<TSimd, TVector>(x, width, 1, panel, stride, depth, null, tile, MatrixProduct.PanelWidth);
            return;
        }

        for (int first = 0; first < rows; first += 3)
        {
            // Rows past the last one repeat it.
            nint second = Math.Min(1, rows - first - 1) * width, third = Math.Min(2, rows - first - 1) * width;
            TileKernel.RunThree<TSimd, TVector>(
                x + (long)first * width, second, third, 1, panel, stride, depth, null, tile + first * MatrixProduct.PanelWidth);
        }
    }

    private static void AddRow<TSimd, TVector>(float* sums, float* to, int columns)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int i = 0;
        for (; i <= columns - TSimd.Width; i += TSimd.Width)
        {
            TSimd.Store(TSimd.Add(TSimd.Load(to + i), TSimd.Load(sums + i)), to + i);
        }

        for (; i < columns; i++)
        {
            to[i] += sums[i];
        }
    }

    private static void Pack(float* from, int stride, int rows, int columns, float* to)
    {
        for (int k = 0; k < rows; k++, from += stride, to += MatrixProduct.PanelWidth)
        {
            for (int j = 0; j < MatrixProduct.PanelWidth; j++)
            {
                to[j] = j < columns ? from[j] : 0;
            }
        }
    }
}
