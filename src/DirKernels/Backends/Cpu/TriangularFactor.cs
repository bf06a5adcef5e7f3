using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// Cholesky factorisation and the solve behind a whitening and re-colouring map, in double precision on one block, cut into block columns as wide as two
/// registers.
/// </summary>
/// <remarks>
/// Matrices have padding that kernels may compute into, see <see cref="RowStride"/> and <see cref="MatrixElements"/>; <see cref="TriangularOperand"/> makes
/// them. Both operations look back: a block column first takes in everything that finished columns owe it, in one product as deep as they are many, then
/// is solved by substitution; no inverse is formed. Flops: size^3 / 3 each, of which all but 2 widths / size are in the product.
/// </remarks>
internal static unsafe class TriangularFactor
{
    /// <summary>Share of its variance that a pivot must keep: less is noise of single-precision statistics.</summary>
    public const double SmallestPivot = 1e-7;

    /// <summary>Widest block column, at 512 bits.</summary>
    private const int WidestBlock = 16;

    /// <summary>Rows of a packed panel: 16 KB of the first-level cache at 512 bits, beside six rows of A.</summary>
    private const int PanelDepth = 128;

    /// <summary>Elements to the right of the diagonal that must be zero: as far as a diagonal block (two registers wide) or a tile of rows reaches.</summary>
    public static int ZeroMargin => Math.Max(InstructionSet.Bits / 32, TriangularKernel.TileRows);

    /// <summary>Elements of the working memory that an operation needs.</summary>
    public static int WorkElements(int size) => RowStride(size) + (WidestBlock + 1 + PanelDepth) * WidestBlock;

    /// <summary>Elements from row to row: whole blocks, and an odd number of cache lines, so that rows do not compete for the same cache sets.</summary>
    public static int RowStride(int size) => (size + WidestBlock - 1) / WidestBlock * WidestBlock + 8;

    /// <summary>Elements of a matrix with its padding: rows up to the end of the last block and of the last tile.</summary>
    public static long MatrixElements(int size) => (long)Rows(size) * RowStride(size);

    /// <summary>Rows of a matrix with its padding.</summary>
    public static int Rows(int size) => Math.Max((size + WidestBlock - 1) / WidestBlock * WidestBlock, size + TriangularKernel.TileRows - 1);

    /// <summary>
    /// Replaces the lower triangle of a symmetric matrix by its Cholesky factor L, <c>Sigma = L L^T</c>. A pivot fails that is not finite or keeps no more than
    /// <see cref="SmallestPivot"/> of its variance.
    /// </summary>
    /// <param name="matrix">The lower triangle, with zeros to its right and in its padding.</param>
    /// <param name="size">g.</param>
    /// <param name="work">[<see cref="WorkElements"/>].</param>
    /// <returns>False when a pivot fails; the matrix is then undefined.</returns>
    public static bool Cholesky(double* matrix, int size, double* work) => InstructionSet.Bits switch
    {
        512 => Cholesky<WideSimd512, Vector512<double>>(matrix, size, work),
        256 => Cholesky<WideSimd256, Vector256<double>>(matrix, size, work),
        _ => Cholesky<WideSimd128, Vector128<double>>(matrix, size, work),
    };

    /// <summary>
    /// Solves <c>A L = R</c> for the lower-triangular A, given lower-triangular L and R as <see cref="Cholesky(double*, int, double*)"/> leaves them; R is
    /// replaced by A. By substitution from the right.
    /// </summary>
    public static void SolveRight(double* factor, double* right, int size, double* work)
    {
        switch (InstructionSet.Bits)
        {
            case 512:
                SolveRight<WideSimd512, Vector512<double>>(factor, right, size, work);
                break;
            case 256:
                SolveRight<WideSimd256, Vector256<double>>(factor, right, size, work);
                break;
            default:
                SolveRight<WideSimd128, Vector128<double>>(factor, right, size, work);
                break;
        }
    }

    private static bool Cholesky<TSimd, TVector>(double* matrix, int size, double* work)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        nint stride = RowStride(size);
        int width = 2 * TSimd.Width;
        double* panel = work;
        double* coefficients = panel + PanelDepth * WidestBlock;
        double* inverses = coefficients + WidestBlock * WidestBlock;
        double* smallest = inverses + WidestBlock;
        for (int i = 0; i < size; i++)
        {
            smallest[i] = SmallestPivot * matrix[i * stride + i];
        }

        for (int column = 0; column < size; column += width)
        {
            double* block = matrix + column * stride;
            int pair = FirstOfPair<TSimd, TVector>(column, size);
            if (pair == column)
            {
                SubtractFromPair<TSimd, TVector>(matrix, stride, column, size, panel);
            }

            for (int start = Math.Max(pair, 0); start < column; start += PanelDepth)
            {
                int depth = Math.Min(PanelDepth, column - start);
                PackTransposed(block + start, stride, width, depth, panel);
                for (int i = column; i < size; i += TriangularKernel.TileRows)
                {
                    double* row = matrix + i * stride;
                    TriangularKernel.SubtractProduct<TSimd, TVector>(row + start, row + column, stride, panel, width, depth);
                }
            }

            block += column;
            int columns = Math.Min(width, size - column);
            for (int j = 0; j < columns; j++)
            {
                for (int i = j; i < columns; i++)
                {
                    coefficients[j * width + i] = block[i * stride + j];
                }
            }

            if (!TriangularKernel.FactorBlock<TSimd, TVector>(coefficients, columns, smallest + column, inverses))
            {
                return false;
            }

            FinishBlock(block, stride, columns, width, coefficients, inverses);
            for (int i = column + width; i < size; i += TriangularKernel.TileRows)
            {
                TriangularKernel.Substitute<TSimd, TVector>(matrix + i * stride + column, stride, coefficients, inverses, ascending: true);
            }
        }

        return true;
    }

    private static void SolveRight<TSimd, TVector>(double* factor, double* right, int size, double* work)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        nint stride = RowStride(size);
        int width = 2 * TSimd.Width;
        double* panel = work;
        double* coefficients = panel + PanelDepth * WidestBlock;
        double* inverses = coefficients + WidestBlock * WidestBlock;
        for (int column = (size - 1) / width * width; column >= 0; column -= width)
        {
            int pair = FirstOfPair<TSimd, TVector>(column, size), last = pair < 0 ? size : pair + 2 * width;
            if (pair >= 0 && pair < column)
            {
                SubtractFromPairRight<TSimd, TVector>(factor, right, stride, pair, size, panel);
            }

            for (int start = column + width; start < last; start += PanelDepth)
            {
                int end = Math.Min(last, start + PanelDepth);
                for (int k = start; k < end; k++)
                {
                    TSimd.Store(TSimd.Load(factor + k * stride + column), panel + (k - start) * width);
                    TSimd.Store(TSimd.Load(factor + k * stride + column + TSimd.Width), panel + (k - start) * width + TSimd.Width);
                }

                // A is triangular: columns after the last row of a tile hold zeros.
                for (int i = start; i < size; i += TriangularKernel.TileRows)
                {
                    double* row = right + i * stride;
                    int depth = Math.Min(end, i + TriangularKernel.TileRows) - start;
                    TriangularKernel.SubtractProduct<TSimd, TVector>(row + start, row + column, stride, panel, width, depth);
                }
            }

            double* block = factor + column * stride + column;
            int columns = Math.Min(width, size - column);
            new Span<double>(coefficients, width * width).Clear();
            for (int j = 0; j < width; j++)
            {
                double inverse = inverses[j] = j < columns ? 1 / block[j * stride + j] : 0;
                for (int m = 0; m < j && j < columns; m++)
                {
                    coefficients[j * width + m] = -block[j * stride + m] * inverse;
                }
            }

            for (int i = column; i < size; i += TriangularKernel.TileRows)
            {
                TriangularKernel.Substitute<TSimd, TVector>(right + i * stride + column, stride, coefficients, inverses, ascending: false);
            }
        }
    }

    /// <summary>The first column of the two block columns, one of them this one, that take in together what others owe them; -1 for a block column that is alone.</summary>
    private static int FirstOfPair<TSimd, TVector>(int column, int size)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        // A wide tile takes 32 registers.
        int pair = 4 * TSimd.Width, first = column / pair * pair;
        return TSimd.Width == 8 && first + pair <= size ? first : -1;
    }

    // What finished columns owe a pair of block columns.
    private static void SubtractFromPair<TSimd, TVector>(double* matrix, nint stride, int column, int size, double* panel)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        int half = 2 * TSimd.Width, width = 2 * half;
        double* block = matrix + column * stride;
        for (int start = 0; start < column; start += PanelDepth / 2)
        {
            int depth = Math.Min(PanelDepth / 2, column - start);
            PackTransposed(block + start, stride, width, depth, panel);
            int i = column;
            for (; i <= column + half - TriangularKernel.TileRows; i += TriangularKernel.TileRows)
            {
                // These rows end before the second half.
                double* row = matrix + i * stride;
                TriangularKernel.SubtractProduct<TSimd, TVector>(row + start, row + column, stride, panel, width, depth);
            }

            for (; i < size; i += TriangularKernel.TileRows)
            {
                double* row = matrix + i * stride;
                TriangularKernel.SubtractWideProduct<TSimd, TVector>(row + start, row + column, stride, panel, depth);
            }
        }

        // The rows of the first half end before the second one.
        for (int i = 0; i < half; i++)
        {
            new Span<double>(block + i * stride + column + half, half).Clear();
        }
    }

    private static void SubtractFromPairRight<TSimd, TVector>(double* factor, double* right, nint stride, int column, int size, double* panel)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        int width = 4 * TSimd.Width;
        for (int start = column + width; start < size; start += PanelDepth / 2)
        {
            int end = Math.Min(size, start + PanelDepth / 2);
            for (int k = start; k < end; k++)
            {
                new ReadOnlySpan<double>(factor + k * stride + column, width).CopyTo(new Span<double>(panel + (k - start) * width, width));
            }

            // A is triangular: columns after the last row of a tile hold zeros.
            for (int i = start; i < size; i += TriangularKernel.TileRows)
            {
                double* row = right + i * stride;
                int depth = Math.Min(end, i + TriangularKernel.TileRows) - start;
                TriangularKernel.SubtractWideProduct<TSimd, TVector>(row + start, row + column, stride, panel, depth);
            }
        }
    }

    /// <summary>Rows of a matrix as columns of a panel.</summary>
    [MethodImpl(KernelMethod.Options)]
    private static void PackTransposed(double* rows, nint stride, int width, int depth, double* panel)
    {
        for (int j = 0; j < width; j += 4, rows += 4 * stride)
        {
            double* second = rows + stride, third = second + stride, fourth = third + stride, to = panel + j;
            for (int k = 0; k < depth; k++, to += width)
            {
                Vector128.Create(rows[k], second[k]).Store(to);
                Vector128.Create(third[k], fourth[k]).Store(to + 2);
            }
        }
    }

    /// <summary>Writes a factor U of a diagonal block back as L = U^T and turns it into coefficients of the substitution.</summary>
    [MethodImpl(KernelMethod.Options)]
    private static void FinishBlock(double* block, nint stride, int size, int width, double* coefficients, double* inverses)
    {
        for (int j = 0; j < size; j++)
        {
            double* row = coefficients + j * width;
            for (int m = 0; m < j; m++)
            {
                row[m] = 0;
                block[m * stride + j] = 0;
            }

            block[j * stride + j] = row[j];
            row[j] = 0;
            for (int m = j + 1; m < size; m++)
            {
                block[m * stride + j] = row[m];
                row[m] *= -inverses[j];
            }
        }
    }
}
