using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>Products of one bin's map A, lower triangular blocks in the panels of <see cref="PackedCalibration"/>, with a vector: from the left and from the right.</summary>
/// <remarks>
/// Up to the last register that the diagonal reaches; D (g + 1) flops. Four panels at a time, so that a factor or a sum is loaded once for all of them. A map that was read for one product is still in
/// the nearest caches for the other. Vectors have room for whole registers past their end, see <see cref="Room"/>.
/// </remarks>
internal static unsafe class TriangularVector
{
    private const int PanelsAtOnce = 4;

    /// <summary>Elements of a vector with its padding.</summary>
    public static int Room(BinShape shape) => (shape.Dimensions + 31) / 16 * 16;

    /// <summary>Elements of the partial sums of <see cref="AccumulateProduct"/>.</summary>
    public static long PartialLength(BinShape shape) => (long)shape.Dimensions * PackedCalibration.Width(shape.BlockSize);

    /// <summary><c>result = A^T x</c>.</summary>
    /// <param name="panels">A.</param>
    /// <param name="shape">D and g.</param>
    /// <param name="x">[<see cref="Room"/>].</param>
    /// <param name="result">[<see cref="Room"/>], not x; what is behind its D elements means nothing.</param>
    public static void TransposedProduct(float* panels, BinShape shape, float* x, float* result)
    {
        switch (PackedCalibration.Width(shape.BlockSize))
        {
            case 16:
                TransposedProduct<Simd512, Vector512<float>>(panels, shape, x, result);
                break;
            case 8:
                TransposedProduct<Simd256, Vector256<float>>(panels, shape, x, result);
                break;
            default:
                TransposedProduct<Simd128, Vector128<float>>(panels, shape, x, result);
                break;
        }
    }

    /// <summary>Adds A x to the sums of several products, which stay apart by column of a panel: a register is summed across once for all of them, by <see cref="AddPartials"/>.</summary>
    /// <param name="panels">A.</param>
    /// <param name="shape">D and g.</param>
    /// <param name="x">[<see cref="Room"/>], zeros behind its D elements.</param>
    /// <param name="partials">[<see cref="PartialLength"/>].</param>
    public static void AccumulateProduct(float* panels, BinShape shape, float* x, float* partials)
    {
        switch (PackedCalibration.Width(shape.BlockSize))
        {
            case 16:
                AccumulateProduct<Simd512, Vector512<float>>(panels, shape, x, partials);
                break;
            case 8:
                AccumulateProduct<Simd256, Vector256<float>>(panels, shape, x, partials);
                break;
            default:
                AccumulateProduct<Simd128, Vector128<float>>(panels, shape, x, partials);
                break;
        }
    }

    /// <summary><c>sums[i] += sum_j partials[i, j]</c>.</summary>
    public static void AddPartials(float* partials, BinShape shape, float* sums)
    {
        switch (PackedCalibration.Width(shape.BlockSize))
        {
            case 16:
                AddPartials<Simd512, Vector512<float>>(partials, shape.Dimensions, sums);
                break;
            case 8:
                AddPartials<Simd256, Vector256<float>>(partials, shape.Dimensions, sums);
                break;
            default:
                AddPartials<Simd128, Vector128<float>>(partials, shape.Dimensions, sums);
                break;
        }
    }

    private static void TransposedProduct<TSimd, TVector>(float* panels, BinShape shape, float* x, float* result)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int g = shape.BlockSize;
        for (int start = 0; start < shape.Dimensions; start += g)
        {
            int end = Math.Min(start + g, shape.Dimensions);
            for (int column = start; column < end; column += PanelsAtOnce * TSimd.Width)
            {
                var some = new Panels(panels, TSimd.Width, end - column);
                TransposedProduct<TSimd, TVector>(some, end - column, x + column, result + column);
                panels = some.End;
            }
        }
    }

    // Two sums for each panel hide part of the delay of an addition.
    [MethodImpl(KernelMethod.Options)]
    private static void TransposedProduct<TSimd, TVector>(in Panels panels, int rows, float* x, float* result)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int w = TSimd.Width, i = 0;
        float* p0 = panels.First, p1 = panels.Second, p2 = panels.Third, p3 = panels.Fourth;
        TVector a0 = TSimd.Zero, a1 = TSimd.Zero, a2 = TSimd.Zero, a3 = TSimd.Zero, b0 = TSimd.Zero, b1 = TSimd.Zero, b2 = TSimd.Zero, b3 = TSimd.Zero;
        for (int end = Math.Min(w, rows); i <= end - 2; i += 2)
        {
            a0 = TSimd.MultiplyAdd(TSimd.Broadcast(x[i]), TSimd.Load(p0 + i * w), a0);
            b0 = TSimd.MultiplyAdd(TSimd.Broadcast(x[i + 1]), TSimd.Load(p0 + (i + 1) * w), b0);
        }

        for (int end = Math.Min(2 * w, rows); i <= end - 2; i += 2)
        {
            TVector value = TSimd.Broadcast(x[i]);
            a0 = TSimd.MultiplyAdd(value, TSimd.Load(p0 + i * w), a0);
            a1 = TSimd.MultiplyAdd(value, TSimd.Load(p1 + i * w), a1);
            TVector next = TSimd.Broadcast(x[i + 1]);
            b0 = TSimd.MultiplyAdd(next, TSimd.Load(p0 + (i + 1) * w), b0);
            b1 = TSimd.MultiplyAdd(next, TSimd.Load(p1 + (i + 1) * w), b1);
        }

        for (int end = Math.Min(3 * w, rows); i <= end - 2; i += 2)
        {
            TVector value = TSimd.Broadcast(x[i]);
            a0 = TSimd.MultiplyAdd(value, TSimd.Load(p0 + i * w), a0);
            a1 = TSimd.MultiplyAdd(value, TSimd.Load(p1 + i * w), a1);
            a2 = TSimd.MultiplyAdd(value, TSimd.Load(p2 + i * w), a2);
            TVector next = TSimd.Broadcast(x[i + 1]);
            b0 = TSimd.MultiplyAdd(next, TSimd.Load(p0 + (i + 1) * w), b0);
            b1 = TSimd.MultiplyAdd(next, TSimd.Load(p1 + (i + 1) * w), b1);
            b2 = TSimd.MultiplyAdd(next, TSimd.Load(p2 + (i + 1) * w), b2);
        }

        for (int end = rows; i <= end - 2; i += 2)
        {
            TVector value = TSimd.Broadcast(x[i]);
            a0 = TSimd.MultiplyAdd(value, TSimd.Load(p0 + i * w), a0);
            a1 = TSimd.MultiplyAdd(value, TSimd.Load(p1 + i * w), a1);
            a2 = TSimd.MultiplyAdd(value, TSimd.Load(p2 + i * w), a2);
            a3 = TSimd.MultiplyAdd(value, TSimd.Load(p3 + i * w), a3);
            TVector next = TSimd.Broadcast(x[i + 1]);
            b0 = TSimd.MultiplyAdd(next, TSimd.Load(p0 + (i + 1) * w), b0);
            b1 = TSimd.MultiplyAdd(next, TSimd.Load(p1 + (i + 1) * w), b1);
            b2 = TSimd.MultiplyAdd(next, TSimd.Load(p2 + (i + 1) * w), b2);
            b3 = TSimd.MultiplyAdd(next, TSimd.Load(p3 + (i + 1) * w), b3);
        }

        if (i < rows)
        {
            // The last row of an odd number.
            TVector value = TSimd.Broadcast(x[i]);
            a0 = TSimd.MultiplyAdd(value, TSimd.Load(p0 + i * w), a0);
            a1 = i >= w ? TSimd.MultiplyAdd(value, TSimd.Load(p1 + i * w), a1) : a1;
            a2 = i >= 2 * w ? TSimd.MultiplyAdd(value, TSimd.Load(p2 + i * w), a2) : a2;
            a3 = i >= 3 * w ? TSimd.MultiplyAdd(value, TSimd.Load(p3 + i * w), a3) : a3;
        }

        TSimd.Store(TSimd.Add(a0, b0), result);
        if (rows > w)
        {
            TSimd.Store(TSimd.Add(a1, b1), result + w);
        }

        if (rows > 2 * w)
        {
            TSimd.Store(TSimd.Add(a2, b2), result + 2 * w);
        }

        if (rows > 3 * w)
        {
            TSimd.Store(TSimd.Add(a3, b3), result + 3 * w);
        }
    }

    private static void AccumulateProduct<TSimd, TVector>(float* panels, BinShape shape, float* x, float* partials)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int g = shape.BlockSize;
        for (int start = 0; start < shape.Dimensions; start += g)
        {
            int end = Math.Min(start + g, shape.Dimensions);
            for (int column = start; column < end; column += PanelsAtOnce * TSimd.Width)
            {
                var some = new Panels(panels, TSimd.Width, end - column);
                AccumulateProduct<TSimd, TVector>(some, end - column, x + column, partials + (long)column * TSimd.Width);
                panels = some.End;
            }
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static void AccumulateProduct<TSimd, TVector>(in Panels panels, int rows, float* x, float* partials)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int w = TSimd.Width, i = 0;
        float* p0 = panels.First, p1 = panels.Second, p2 = panels.Third, p3 = panels.Fourth;
        TVector x0 = TSimd.Load(x);
        for (int end = Math.Min(w, rows); i < end; i++)
        {
            TSimd.Store(TSimd.MultiplyAdd(x0, TSimd.Load(p0 + i * w), TSimd.Load(partials + i * w)), partials + i * w);
        }

        if (rows <= w)
        {
            return;
        }

        TVector x1 = TSimd.Load(x + w);
        for (int end = Math.Min(2 * w, rows); i < end; i++)
        {
            TVector sum = TSimd.MultiplyAdd(x0, TSimd.Load(p0 + i * w), TSimd.Load(partials + i * w));
            TSimd.Store(TSimd.MultiplyAdd(x1, TSimd.Load(p1 + i * w), sum), partials + i * w);
        }

        if (rows <= 2 * w)
        {
            return;
        }

        TVector x2 = TSimd.Load(x + 2 * w);
        for (int end = Math.Min(3 * w, rows); i < end; i++)
        {
            TVector sum = TSimd.MultiplyAdd(x0, TSimd.Load(p0 + i * w), TSimd.Load(partials + i * w));
            sum = TSimd.MultiplyAdd(x1, TSimd.Load(p1 + i * w), sum);
            TSimd.Store(TSimd.MultiplyAdd(x2, TSimd.Load(p2 + i * w), sum), partials + i * w);
        }

        if (rows <= 3 * w)
        {
            return;
        }

        TVector x3 = TSimd.Load(x + 3 * w);
        for (; i < rows; i++)
        {
            TVector sum = TSimd.MultiplyAdd(x0, TSimd.Load(p0 + i * w), TSimd.Load(partials + i * w));
            sum = TSimd.MultiplyAdd(x1, TSimd.Load(p1 + i * w), sum);
            sum = TSimd.MultiplyAdd(x2, TSimd.Load(p2 + i * w), sum);
            TSimd.Store(TSimd.MultiplyAdd(x3, TSimd.Load(p3 + i * w), sum), partials + i * w);
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static void AddPartials<TSimd, TVector>(float* partials, int rows, float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int w = TSimd.Width, i = 0;
        for (; i <= rows - 4; i += 4, partials += 4 * w)
        {
            Vector128<float> four = TSimd.Sums(TSimd.Load(partials), TSimd.Load(partials + w), TSimd.Load(partials + 2 * w), TSimd.Load(partials + 3 * w));
            (Vector128.Load(sums + i) + four).Store(sums + i);
        }

        for (; i < rows; i++, partials += w)
        {
            sums[i] += TSimd.Sum(TSimd.Load(partials));
        }
    }

    /// <summary>Up to four panels side by side. Row i of each lies i rows behind its address, counted from the first row of the first one.</summary>
    private readonly struct Panels
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Panels(float* panels, int width, int rows)
        {
            long whole = (long)rows * width, square = (long)width * width;
            First = panels;
            Second = First + whole - square;
            Third = Second + whole - 2 * square;
            Fourth = Third + whole - 3 * square;
            int count = Math.Min(PanelsAtOnce, (rows + width - 1) / width);
            End = panels + (long)width * (count * rows - width * count * (count - 1) / 2);
        }

        public float* First { get; }

        public float* Second { get; }

        public float* Third { get; }

        public float* Fourth { get; }

        /// <summary>Behind the last of them.</summary>
        public float* End { get; }
    }
}
