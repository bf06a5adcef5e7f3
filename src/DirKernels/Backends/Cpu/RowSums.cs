using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// What a layer with one output, and every bias, needs instead of a matrix product: dot products of rows with one vector, and sums of rows, weighted or not.
/// </summary>
/// <remarks>Each row, and each column, is summed in an order that its length alone decides.</remarks>
internal static unsafe class RowSums
{
    /// <summary><c>result[i] = sum_j x[i, j] weights[j] + bias</c>.</summary>
    /// <param name="x">[rows x width].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="weights">[width].</param>
    /// <param name="bias">Added to each.</param>
    /// <param name="result">[rows].</param>
    public static void Dot(float* x, int rows, int width, float* weights, float bias, float* result)
    {
        switch (InstructionSet.Bits)
        {
            case 512:
                Dot<Simd512, Vector512<float>>(x, rows, width, weights, bias, result);
                break;
            case 256:
                Dot<Simd256, Vector256<float>>(x, rows, width, weights, bias, result);
                break;
            default:
                Dot<Simd128, Vector128<float>>(x, rows, width, weights, bias, result);
                break;
        }
    }

    /// <summary><c>sums[j] = sum_i factors[i] x[i, j]</c>, over ascending i, or finished sums added to what is there.</summary>
    /// <param name="x">[rows x width].</param>
    /// <param name="factors">[rows], or null for all 1.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="sums">[width].</param>
    /// <param name="adds">Whether to add.</param>
    public static void Combine(float* x, float* factors, int rows, int width, float* sums, bool adds = false)
    {
        switch (InstructionSet.Bits)
        {
            case 512:
                Combine<Simd512, Vector512<float>>(x, factors, rows, width, sums, adds);
                break;
            case 256:
                Combine<Simd256, Vector256<float>>(x, factors, rows, width, sums, adds);
                break;
            default:
                Combine<Simd128, Vector128<float>>(x, factors, rows, width, sums, adds);
                break;
        }
    }

    /// <summary>Sums of the columns of a packed panel, <see cref="MatrixProduct.PanelWidth"/> of them; four rows at a time, whose sums hide the delay of an addition.</summary>
    /// <param name="panel">[rows x PanelWidth].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="sums">[PanelWidth].</param>
    public static void SumPanel(float* panel, int rows, float* sums)
    {
        switch (InstructionSet.Bits)
        {
            case 512:
                SumPanel<Simd512, Vector512<float>>(panel, rows, sums);
                break;
            case 256:
                SumPanel<Simd256, Vector256<float>>(panel, rows, sums);
                break;
            default:
                SumPanel<Simd128, Vector128<float>>(panel, rows, sums);
                break;
        }
    }

    /// <summary><c>result[i, j] = factors[i] weights[j]</c>.</summary>
    /// <param name="factors">[rows].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="weights">[width].</param>
    /// <param name="width">Columns.</param>
    /// <param name="result">[rows x width].</param>
    public static void Spread(float* factors, int rows, float* weights, int width, float* result)
    {
        switch (InstructionSet.Bits)
        {
            case 512:
                Spread<Simd512, Vector512<float>>(factors, rows, weights, width, result);
                break;
            case 256:
                Spread<Simd256, Vector256<float>>(factors, rows, weights, width, result);
                break;
            default:
                Spread<Simd128, Vector128<float>>(factors, rows, weights, width, result);
                break;
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static void Dot<TSimd, TVector>(float* x, int rows, int width, float* weights, float bias, float* result)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int vectors = width / TSimd.Width * TSimd.Width;
        for (int i = 0; i < rows; i++, x += width)
        {
            // Two sums hide half of the delay of an addition; rows are short.
            TVector even = TSimd.Zero, odd = TSimd.Zero;
            int j = 0;
            for (; j <= vectors - 2 * TSimd.Width; j += 2 * TSimd.Width)
            {
                even = TSimd.MultiplyAdd(TSimd.Load(x + j), TSimd.Load(weights + j), even);
                odd = TSimd.MultiplyAdd(TSimd.Load(x + j + TSimd.Width), TSimd.Load(weights + j + TSimd.Width), odd);
            }

            if (j < vectors)
            {
                even = TSimd.MultiplyAdd(TSimd.Load(x + j), TSimd.Load(weights + j), even);
            }

            float sum = TSimd.Sum(TSimd.Add(even, odd));
            for (j = vectors; j < width; j++)
            {
                sum += x[j] * weights[j];
            }

            result[i] = sum + bias;
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static void Combine<TSimd, TVector>(float* x, float* factors, int rows, int width, float* sums, bool adds)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int j = 0;
        for (; j <= width - 4 * TSimd.Width; j += 4 * TSimd.Width)
        {
            TVector s0 = TSimd.Zero, s1 = TSimd.Zero, s2 = TSimd.Zero, s3 = TSimd.Zero;
            float* from = x + j;
            for (int i = 0; i < rows; i++, from += width)
            {
                TVector factor = TSimd.Broadcast(factors == null ? 1 : factors[i]);
                s0 = TSimd.MultiplyAdd(factor, TSimd.Load(from), s0);
                s1 = TSimd.MultiplyAdd(factor, TSimd.Load(from + TSimd.Width), s1);
                s2 = TSimd.MultiplyAdd(factor, TSimd.Load(from + 2 * TSimd.Width), s2);
                s3 = TSimd.MultiplyAdd(factor, TSimd.Load(from + 3 * TSimd.Width), s3);
            }

            Finish<TSimd, TVector>(s0, sums + j, adds);
            Finish<TSimd, TVector>(s1, sums + j + TSimd.Width, adds);
            Finish<TSimd, TVector>(s2, sums + j + 2 * TSimd.Width, adds);
            Finish<TSimd, TVector>(s3, sums + j + 3 * TSimd.Width, adds);
        }

        for (; j <= width - TSimd.Width; j += TSimd.Width)
        {
            TVector sum = TSimd.Zero;
            for (int i = 0; i < rows; i++)
            {
                sum = TSimd.MultiplyAdd(TSimd.Broadcast(factors == null ? 1 : factors[i]), TSimd.Load(x + (long)i * width + j), sum);
            }

            Finish<TSimd, TVector>(sum, sums + j, adds);
        }

        for (; j < width; j++)
        {
            float sum = 0;
            for (int i = 0; i < rows; i++)
            {
                sum += (factors == null ? 1 : factors[i]) * x[(long)i * width + j];
            }

            sums[j] = adds ? sums[j] + sum : sum;
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static void SumPanel<TSimd, TVector>(float* panel, int rows, float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int width = TSimd.Width;
        TVector left0 = TSimd.Zero, left1 = TSimd.Zero, left2 = TSimd.Zero, left3 = TSimd.Zero;
        TVector right0 = TSimd.Zero, right1 = TSimd.Zero, right2 = TSimd.Zero, right3 = TSimd.Zero;
        int i = 0;
        for (; i <= rows - 4; i += 4, panel += 8 * width)
        {
            left0 = TSimd.Add(left0, TSimd.Load(panel));
            right0 = TSimd.Add(right0, TSimd.Load(panel + width));
            left1 = TSimd.Add(left1, TSimd.Load(panel + 2 * width));
            right1 = TSimd.Add(right1, TSimd.Load(panel + 3 * width));
            left2 = TSimd.Add(left2, TSimd.Load(panel + 4 * width));
            right2 = TSimd.Add(right2, TSimd.Load(panel + 5 * width));
            left3 = TSimd.Add(left3, TSimd.Load(panel + 6 * width));
            right3 = TSimd.Add(right3, TSimd.Load(panel + 7 * width));
        }

        for (; i < rows; i++, panel += 2 * width)
        {
            left0 = TSimd.Add(left0, TSimd.Load(panel));
            right0 = TSimd.Add(right0, TSimd.Load(panel + width));
        }

        TSimd.Store(TSimd.Add(TSimd.Add(left0, left1), TSimd.Add(left2, left3)), sums);
        TSimd.Store(TSimd.Add(TSimd.Add(right0, right1), TSimd.Add(right2, right3)), sums + width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TSimd, TVector>(TVector sum, float* to, bool adds)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => TSimd.Store(adds ? TSimd.Add(TSimd.Load(to), sum) : sum, to);

    [MethodImpl(KernelMethod.Options)]
    private static void Spread<TSimd, TVector>(float* factors, int rows, float* weights, int width, float* result)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (int i = 0; i < rows; i++, result += width)
        {
            TVector factor = TSimd.Broadcast(factors[i]);
            int j = 0;
            for (; j <= width - TSimd.Width; j += TSimd.Width)
            {
                TSimd.Store(TSimd.Multiply(factor, TSimd.Load(weights + j)), result + j);
            }

            for (; j < width; j++)
            {
                result[j] = factors[i] * weights[j];
            }
        }
    }
}
