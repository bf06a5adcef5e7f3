using System.Numerics.Tensors;

namespace DirKernels.Backends.Cpu;

/// <summary>Cholesky factorisation and the solve behind a whitening and re-colouring map, in double precision on one block.</summary>
internal static unsafe class TriangularFactor
{
    /// <summary>Share of its variance that a pivot must keep: less is noise of single-precision statistics.</summary>
    private const double SmallestPivot = 1e-7;

    /// <summary>
    /// Replaces the lower triangle of a symmetric matrix by its Cholesky factor L, <c>Sigma = L L^T</c>, row by row. Rows marked inactive become rows of
    /// the identity.
    /// </summary>
    /// <param name="matrix">[g x g], row-major; the lower triangle is read and written.</param>
    /// <param name="size">g.</param>
    /// <param name="inactive">[g] dimensions without variance.</param>
    /// <returns>False when a pivot fails; the matrix is then undefined.</returns>
    public static bool Cholesky(double* matrix, int size, bool* inactive)
    {
        for (int i = 0; i < size; i++)
        {
            double* row = matrix + (long)i * size;
            if (inactive[i])
            {
                new Span<double>(row, i).Clear();
                row[i] = 1;
                continue;
            }

            double variance = row[i];
            for (int j = 0; j < i; j++)
            {
                double* other = matrix + (long)j * size;
                row[j] = inactive[j] ? 0 : (row[j] - Dot(row, other, j)) / other[j];
            }

            double pivot = variance - Dot(row, row, i);
            if (!(pivot > SmallestPivot * variance) || !double.IsFinite(pivot))
            {
                return false;
            }

            row[i] = Math.Sqrt(pivot);
        }

        return true;
    }

    /// <summary>
    /// Solves <c>A L = R</c> for the lower-triangular A, given lower-triangular L and R; R is replaced by A. By substitution from the right, one row at
    /// a time: no inverse is formed.
    /// </summary>
    public static void SolveRight(double* factor, double* right, int size)
    {
        for (int i = 0; i < size; i++)
        {
            double* row = right + (long)i * size;
            for (int j = i; j >= 0; j--)
            {
                double* pivotRow = factor + (long)j * size;
                double solved = row[j] / pivotRow[j];
                row[j] = solved;
                var rest = new Span<double>(row, j);
                TensorPrimitives.MultiplyAdd(new ReadOnlySpan<double>(pivotRow, j), -solved, rest, rest);
            }
        }
    }

    private static double Dot(double* a, double* b, int length) =>
        length == 0 ? 0 : TensorPrimitives.Dot(new ReadOnlySpan<double>(a, length), new ReadOnlySpan<double>(b, length));
}
