using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>Single-precision covariances in, single-precision maps out: the double-precision matrices of <see cref="TriangularFactor"/> in between.</summary>
internal static unsafe class TriangularOperand
{
    private const int RowsAhead = 8;

    /// <summary>
    /// Widens the lower triangle of a covariance: off the diagonal <c>(1 - shrinkage) v</c>, on it <c>v + ridge trace / size</c>. Inactive rows and columns are
    /// those of the identity.
    /// </summary>
    /// <param name="covariance">[size x stride], row-major; only the lower triangle is read.</param>
    /// <param name="stride">Elements from row to row.</param>
    /// <param name="size">g.</param>
    /// <param name="shrinkage">Towards the diagonal.</param>
    /// <param name="ridge">Relative to the mean variance.</param>
    /// <param name="inactive">[size] dimensions without variance.</param>
    /// <param name="matrix">[<see cref="TriangularFactor.MatrixElements"/>] receives the matrix, zeros to the right of its diagonal and its padding.</param>
    [MethodImpl(KernelMethod.Options)]
    public static void Load(float* covariance, nint stride, int size, double shrinkage, double ridge, bool* inactive, double* matrix)
    {
        double trace = 0, factor = 1.0 - shrinkage;
        for (int i = 0; i < size; i++)
        {
            trace += covariance[i * stride + i];
        }

        double added = ridge * trace / size;
        int rowStride = TriangularFactor.RowStride(size), margin = TriangularFactor.ZeroMargin;
        bool anyInactive = false;
        for (int i = 0; i < size; i++)
        {
            double* row = matrix + (long)i * rowStride;
            new Span<double>(row + i + 1, Math.Min(margin, rowStride - i - 1)).Clear();
            if (inactive[i])
            {
                new Span<double>(row, i).Clear();
                row[i] = 1;
                anyInactive = true;
                continue;
            }

            Widen(covariance + i * stride, RowsAhead * stride, row, i, factor);
            row[i] = covariance[i * stride + i] + added;
        }

        new Span<double>(matrix + (long)size * rowStride, (TriangularFactor.Rows(size) - size) * rowStride).Clear();
        for (int j = 0; j < size && anyInactive; j++)
        {
            for (int i = j + 1; i < size && inactive[j]; i++)
            {
                matrix[(long)i * rowStride + j] = 0;
            }
        }
    }

    /// <summary>Writes <c>strength (A - I)</c>, zeros above the diagonal.</summary>
    /// <param name="matrix">A, with padding.</param>
    /// <param name="size">g of this block.</param>
    /// <param name="strength">0 to 1.</param>
    /// <param name="map">[size x stride].</param>
    /// <param name="stride">Elements from row to row, all of them written.</param>
    [MethodImpl(KernelMethod.Options)]
    public static void Store(double* matrix, int size, double strength, float* map, int stride)
    {
        int rowStride = TriangularFactor.RowStride(size);
        for (int i = 0; i < size; i++, matrix += rowStride, map += stride)
        {
            Narrow(matrix, map, i, strength);
            map[i] = (float)(strength * (matrix[i] - 1));
            new Span<float>(map + i + 1, stride - i - 1).Clear();
        }
    }

    // Rows end at the diagonal, and what the processor fetches by itself ends with them: "ahead" is from a row to one that is asked for early.
    private static void Widen(float* from, nint ahead, double* to, int count, double factor)
    {
        int j = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; j <= count - 16; j += 16)
            {
                CacheLine.FetchFar(from + ahead + j);
                (Vector512<double> lower, Vector512<double> upper) = Vector512.Widen(Vector512.Load(from + j));
                (lower * factor).Store(to + j);
                (upper * factor).Store(to + j + 8);
            }
        }

        if (Vector256.IsHardwareAccelerated)
        {
            for (; j <= count - 8; j += 8)
            {
                CacheLine.FetchFar(from + ahead + j);
                (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.Load(from + j));
                (lower * factor).Store(to + j);
                (upper * factor).Store(to + j + 4);
            }
        }

        for (; j <= count - 4; j += 4)
        {
            (Vector128<double> lower, Vector128<double> upper) = Vector128.Widen(Vector128.Load(from + j));
            (lower * factor).Store(to + j);
            (upper * factor).Store(to + j + 2);
        }

        for (; j < count; j++)
        {
            to[j] = factor * from[j];
        }
    }

    private static void Narrow(double* from, float* to, int count, double factor)
    {
        int j = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; j <= count - 16; j += 16)
            {
                Vector512.Narrow(Vector512.Load(from + j) * factor, Vector512.Load(from + j + 8) * factor).Store(to + j);
            }
        }

        if (Vector256.IsHardwareAccelerated)
        {
            for (; j <= count - 8; j += 8)
            {
                Vector256.Narrow(Vector256.Load(from + j) * factor, Vector256.Load(from + j + 4) * factor).Store(to + j);
            }
        }

        for (; j <= count - 4; j += 4)
        {
            Vector128.Narrow(Vector128.Load(from + j) * factor, Vector128.Load(from + j + 2) * factor).Store(to + j);
        }

        for (; j < count; j++)
        {
            to[j] = (float)(factor * from[j]);
        }
    }
}
