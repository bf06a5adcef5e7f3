using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>Single-precision matrices of neighbouring bins into the lanes of <see cref="LaneFactor"/>, and maps out of them.</summary>
internal static unsafe class LaneOperand
{
    /// <summary>
    /// Widens the lower triangles of covariances: off the diagonal <c>(1 - shrinkage) v</c>, on it <c>v + ridge trace / size</c>. Inactive rows and columns, and everything beyond a matrix, are
    /// those of the identity.
    /// </summary>
    /// <param name="covariances">First matrix [size x rowStride], row-major; only lower triangles count, whole rows are read.</param>
    /// <param name="binStride">Elements from matrix to matrix.</param>
    /// <param name="rowStride">Elements from row to row.</param>
    /// <param name="size">g.</param>
    /// <param name="factors">[lanes] 1 - shrinkage.</param>
    /// <param name="ridge">Relative to the mean variance.</param>
    /// <param name="inactive">[lanes x size] dimensions without variance.</param>
    /// <param name="matrices">[<see cref="LaneFactor.MatrixElements"/>].</param>
    [MethodImpl(KernelMethod.Options)]
    public static void Load<TSimd, TVector>(float* covariances, nint binStride, nint rowStride, int size, double* factors, double ridge, bool* inactive, double* matrices)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        int whole = LaneFactor.WholeTiles(size), length = LaneFactor.RowLength(size), width = TSimd.Width;
        TVector factor = TSimd.Load(factors);
        float* square = stackalloc float[width * width];
        double* added = stackalloc double[width];
        double* active = stackalloc double[size * width];
        bool all = FillMasks(inactive, size, width, active);
        for (int lane = 0; lane < width; lane++)
        {
            added[lane] = ridge == 0 ? 0 : ridge * Trace(covariances + lane * binStride, rowStride, size) / size;
        }

        for (int i = 0; i < size; i++)
        {
            double* row = matrices + (long)i * length * width;
            float* from = covariances + i * rowStride;
            TVector activeRow = TSimd.Load(active + i * width);
            for (int j = 0; j < i; j += width)
            {
                Transpose(from + j, binStride, width, Math.Min(width, size - j), square);
                for (int e = 0; e < width && j + e < i; e++)
                {
                    TVector value = TSimd.LoadWide(square + e * width);
                    value = all ? value : TSimd.And(TSimd.And(value, activeRow), TSimd.Load(active + (j + e) * width));
                    TSimd.Store(TSimd.Multiply(value, factor), row + (j + e) * width);
                }
            }

            for (int lane = 0; lane < width; lane++)
            {
                row[i * width + lane] = inactive[lane * size + i] ? 1 : from[lane * binStride + i] + added[lane];
            }
        }

        for (int i = size; i < whole; i++)
        {
            double* row = matrices + (long)i * length * width;
            new Span<double>(row, i * width).Clear();
            TSimd.Store(TSimd.Broadcast(1), row + i * width);
        }
    }

    // All bits of an element where a dimension is active, none elsewhere: what is there may be no number.
    private static bool FillMasks(bool* inactive, int size, int width, double* active)
    {
        bool all = true;
        for (int lane = 0; lane < width; lane++)
        {
            for (int i = 0; i < size; i++)
            {
                bool isActive = !inactive[lane * size + i];
                active[i * width + lane] = isActive ? BitConverter.Int64BitsToDouble(-1) : 0;
                all &= isActive;
            }
        }

        return all;
    }

    private static double Trace(float* covariance, nint rowStride, int size)
    {
        double trace = 0;
        for (int i = 0; i < size; i++)
        {
            trace += covariance[i * rowStride + i];
        }

        return trace;
    }

    /// <summary>Writes <c>strength (A - I)</c> of some lanes, zeros above the diagonal.</summary>
    /// <param name="matrices">A.</param>
    /// <param name="size">g of this block.</param>
    /// <param name="strength">0 to 1.</param>
    /// <param name="wanted">The lanes, one bit each.</param>
    /// <param name="maps">First map [size x stride].</param>
    /// <param name="binStride">Elements from map to map.</param>
    /// <param name="stride">Elements from row to row, all of them written.</param>
    [MethodImpl(KernelMethod.Options)]
    public static void Store<TSimd, TVector>(double* matrices, int size, double strength, int wanted, float* maps, nint binStride, int stride)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        int length = LaneFactor.RowLength(size), width = TSimd.Width;
        TVector factor = TSimd.Broadcast(strength);
        float* lanes = stackalloc float[2 * width * width];
        for (int i = 0; i < size; i++)
        {
            double* row = matrices + (long)i * length * width;
            float* map = maps + (long)i * stride;
            int j = 0;
            for (; j <= i; j += width)
            {
                LessIdentity<TSimd, TVector>(row + j * width, i - j, factor, lanes);
                for (int left = wanted; left != 0; left &= left - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(left);
                    CopyRow(lanes + lane * width, map + lane * binStride + j, width, Math.Min(width, stride - j));
                }
            }

            for (int left = wanted; left != 0 && j < stride; left &= left - 1)
            {
                new Span<float>(map + BitOperations.TrailingZeroCount(left) * binStride + j, stride - j).Clear();
            }
        }
    }

    /// <summary>Writes <c>strength (A - I) + I</c> of some lanes into the panels of <see cref="PackedCalibration"/>.</summary>
    /// <param name="matrices">A.</param>
    /// <param name="size">g of this block.</param>
    /// <param name="strength">0 to 1.</param>
    /// <param name="wanted">The lanes, one bit each.</param>
    /// <param name="panels">First panel of the block in the first lane's bin.</param>
    /// <param name="binStride">Elements from bin to bin.</param>
    /// <param name="panelWidth">W, a whole number of registers of lanes.</param>
    [MethodImpl(KernelMethod.Options)]
    public static void StorePacked<TSimd, TVector>(double* matrices, int size, double strength, int wanted, float* panels, nint binStride, int panelWidth)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        int length = LaneFactor.RowLength(size), width = TSimd.Width;
        TVector factor = TSimd.Broadcast(strength);
        float* lanes = stackalloc float[2 * width * width];
        for (int column = 0; column < size; column += panelWidth)
        {
            for (int i = column; i < size; i++, panels += panelWidth)
            {
                for (int part = 0; part < panelWidth; part += width)
                {
                    double* from = matrices + ((long)i * length + column + part) * width;
                    int before = i - column - part;
                    LessIdentity<TSimd, TVector>(from, before, factor, lanes);
                    for (int left = wanted; left != 0; left &= left - 1)
                    {
                        int lane = BitOperations.TrailingZeroCount(left);
                        float* to = panels + lane * binStride + part;
                        CopyRow(lanes + lane * width, to, width, width);
                        if (before >= 0 && before < width)
                        {
                            to[before] += 1;
                        }
                    }
                }
            }
        }
    }

    // Elements of a row in lanes become lanes of elements, [width x width] in front of as many to work in: those behind the diagonal are 0, and of that on it 1 is taken away first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LessIdentity<TSimd, TVector>(double* row, int before, TVector factor, float* lanes)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        int width = TSimd.Width;
        float* square = lanes + width * width;
        for (int e = 0; e < width; e++)
        {
            TVector value = e > before ? TSimd.Zero : TSimd.Load(row + e * width);
            value = e == before ? TSimd.Subtract(value, TSimd.Broadcast(1)) : value;
            TSimd.StoreNarrow(TSimd.Multiply(value, factor), square + e * width);
        }

        Transpose(square, width, width, width, lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyRow(float* from, float* to, int width, int count)
    {
        if (count < width)
        {
            for (int e = 0; e < count; e++)
            {
                to[e] = from[e];
            }
        }
        else if (width == Vector256<float>.Count)
        {
            Vector256.Load(from).Store(to);
        }
        else
        {
            Vector128.Load(from).Store(to);
        }
    }

    /// <summary><c>to[element, lane] = from[lane, element]</c>, width by width; elements past the count are not read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(float* from, nint stride, int width, int count, float* to)
    {
        if (count == width && width == 8 && TransposedTile.IsFastForEight)
        {
            TransposedTile.CopyEight(from, stride, to, width);
        }
        else if (count == width && width == 4 && TransposedTile.IsFast)
        {
            TransposedTile.Copy(from, stride, to, width);
        }
        else
        {
            for (int lane = 0; lane < width; lane++)
            {
                for (int e = 0; e < count; e++)
                {
                    to[e * width + lane] = from[lane * stride + e];
                }
            }
        }
    }
}
