using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>Products of one bin's map T [D x g], lower triangular blocks with zeros above, with a vector: from the left and from the right.</summary>
/// <remarks>
/// Up to the last register that the diagonal reaches; D (g + 1) flops. A map that was read for one product is still in the nearest caches for the
/// other. Vectors have room for whole registers past the end of the last block, see <see cref="Room"/>.
/// </remarks>
internal static unsafe class TriangularVector
{
    /// <summary>Elements of a vector with its padding.</summary>
    public static int Room(BinShape shape) => (shape.Dimensions + shape.BlockSize + 31) / 16 * 16;

    /// <summary><c>result = x + T^T x</c>.</summary>
    /// <param name="map">T [D x g].</param>
    /// <param name="shape">D and g.</param>
    /// <param name="x">[D].</param>
    /// <param name="result">[<see cref="Room"/>], not x.</param>
    public static void AddTransposedProduct(float* map, BinShape shape, float* x, float* result) => Add(map, shape, x, result, transposed: true);

    /// <summary><c>result = x + T x</c>.</summary>
    /// <param name="map">T [D x g].</param>
    /// <param name="shape">D and g.</param>
    /// <param name="x">[<see cref="Room"/>], zeros behind the D elements.</param>
    /// <param name="result">[D], not x.</param>
    public static void AddProduct(float* map, BinShape shape, float* x, float* result) => Add(map, shape, x, result, transposed: false);

    private static void Add(float* map, BinShape shape, float* x, float* result, bool transposed)
    {
        if (shape.BlockSize == 1)
        {
            var values = new ReadOnlySpan<float>(x, shape.Dimensions);
            TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(map, shape.Dimensions), values, values, new Span<float>(result, shape.Dimensions));
            return;
        }

        // Half registers where whole ones would reach over small blocks.
        switch (InstructionSet.Bits)
        {
            case 512 when shape.BlockSize >= 32:
                Add<Simd512, Vector512<float>>(map, shape, x, result, transposed);
                break;
            case >= 256:
                Add<Simd256, Vector256<float>>(map, shape, x, result, transposed);
                break;
            default:
                Add<Simd128, Vector128<float>>(map, shape, x, result, transposed);
                break;
        }
    }

    private static void Add<TSimd, TVector>(float* map, BinShape shape, float* x, float* result, bool transposed)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        if (transposed)
        {
            AddTransposedProduct<TSimd, TVector>(map, shape, x, result);
        }
        else
        {
            AddProduct<TSimd, TVector>(map, shape, x, result);
        }
    }

    // Register by register of the result, over the rows from where it meets the diagonal: four sums hide the delay of an addition.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTransposedProduct<TSimd, TVector>(float* map, BinShape shape, float* x, float* result)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int g = shape.BlockSize, d = shape.Dimensions;
        bool isWhole = g % TSimd.Width == 0;
        new ReadOnlySpan<float>(x, d).CopyTo(new Span<float>(result, d));
        for (int start = 0; start < d; start += g)
        {
            int size = Math.Min(g, d - start);
            float* to = result + start, from = x + start, rows = map + (long)start * g;
            int k = 0;
            for (; isWhole && k < size - TSimd.Width; k += 2 * TSimd.Width)
            {
                // The second register begins a register of rows later: above that its columns are zeros.
                int second = k + TSimd.Width;
                TVector left = AddRows<TSimd, TVector>(from, rows + k, g, k, second, TSimd.Load(to + k));
                AddRows<TSimd, TVector>(from, rows + k, g, second, size, ref left, to + second);
                TSimd.Store(left, to + k);
            }

            if (isWhole && k < size)
            {
                TSimd.Store(AddRows<TSimd, TVector>(from, rows + k, g, k, size, TSimd.Load(to + k)), to + k);
            }

            for (int j = 0; !isWhole && j < size; j++, rows += g)
            {
                for (int i = 0; i <= j; i++)
                {
                    to[i] += from[j] * rows[i];
                }
            }
        }
    }

    // sum + x_j T[j, one register] over some rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector AddRows<TSimd, TVector>(float* x, float* column, int g, int first, int end, TVector sum)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector s1 = TSimd.Zero, s2 = TSimd.Zero, s3 = TSimd.Zero;
        float* row = column + (long)first * g;
        int j = first;
        for (; j <= end - 4; j += 4, row += 4 * g)
        {
            sum = TSimd.MultiplyAdd(TSimd.Broadcast(x[j]), TSimd.Load(row), sum);
            s1 = TSimd.MultiplyAdd(TSimd.Broadcast(x[j + 1]), TSimd.Load(row + g), s1);
            s2 = TSimd.MultiplyAdd(TSimd.Broadcast(x[j + 2]), TSimd.Load(row + 2 * g), s2);
            s3 = TSimd.MultiplyAdd(TSimd.Broadcast(x[j + 3]), TSimd.Load(row + 3 * g), s3);
        }

        for (; j < end; j++, row += g)
        {
            sum = TSimd.MultiplyAdd(TSimd.Broadcast(x[j]), TSimd.Load(row), sum);
        }

        return TSimd.Add(TSimd.Add(sum, s1), TSimd.Add(s2, s3));
    }

    // The same of two registers side by side: a factor is loaded once for both.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRows<TSimd, TVector>(float* x, float* column, int g, int first, int end, ref TVector left, float* right)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector a0 = left, a1 = TSimd.Zero, a2 = TSimd.Zero, a3 = TSimd.Zero, b0 = TSimd.Load(right), b1 = TSimd.Zero, b2 = TSimd.Zero, b3 = TSimd.Zero;
        float* row = column + (long)first * g;
        int j = first, w = TSimd.Width;
        for (; j <= end - 4; j += 4, row += 4 * g)
        {
            TVector value = TSimd.Broadcast(x[j]);
            a0 = TSimd.MultiplyAdd(value, TSimd.Load(row), a0);
            b0 = TSimd.MultiplyAdd(value, TSimd.Load(row + w), b0);
            value = TSimd.Broadcast(x[j + 1]);
            a1 = TSimd.MultiplyAdd(value, TSimd.Load(row + g), a1);
            b1 = TSimd.MultiplyAdd(value, TSimd.Load(row + g + w), b1);
            value = TSimd.Broadcast(x[j + 2]);
            a2 = TSimd.MultiplyAdd(value, TSimd.Load(row + 2 * g), a2);
            b2 = TSimd.MultiplyAdd(value, TSimd.Load(row + 2 * g + w), b2);
            value = TSimd.Broadcast(x[j + 3]);
            a3 = TSimd.MultiplyAdd(value, TSimd.Load(row + 3 * g), a3);
            b3 = TSimd.MultiplyAdd(value, TSimd.Load(row + 3 * g + w), b3);
        }

        for (; j < end; j++, row += g)
        {
            TVector value = TSimd.Broadcast(x[j]);
            a0 = TSimd.MultiplyAdd(value, TSimd.Load(row), a0);
            b0 = TSimd.MultiplyAdd(value, TSimd.Load(row + w), b0);
        }

        left = TSimd.Add(TSimd.Add(a0, a1), TSimd.Add(a2, a3));
        TSimd.Store(TSimd.Add(TSimd.Add(b0, b1), TSimd.Add(b2, b3)), right);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddProduct<TSimd, TVector>(float* map, BinShape shape, float* x, float* result)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int g = shape.BlockSize, d = shape.Dimensions;
        for (int start = 0; start < d; start += g)
        {
            int size = Math.Min(g, d - start), j = 0;
            float* to = result + start, from = x + start, row = map + (long)start * g;
            for (; j <= size - 4 && g % TSimd.Width == 0; j += 4, row += 4 * g)
            {
                TVector s0 = TSimd.Zero, s1 = TSimd.Zero, s2 = TSimd.Zero, s3 = TSimd.Zero;
                for (int k = 0; k < j + 4; k += TSimd.Width)
                {
                    TVector value = TSimd.Load(from + k);
                    s0 = TSimd.MultiplyAdd(value, TSimd.Load(row + k), s0);
                    s1 = TSimd.MultiplyAdd(value, TSimd.Load(row + g + k), s1);
                    s2 = TSimd.MultiplyAdd(value, TSimd.Load(row + 2 * g + k), s2);
                    s3 = TSimd.MultiplyAdd(value, TSimd.Load(row + 3 * g + k), s3);
                }

                (Vector128.Load(from + j) + TSimd.Sums(s0, s1, s2, s3)).Store(to + j);
            }

            for (; j < size; j++, row += g)
            {
                float sum = 0;
                for (int k = 0; k <= j; k++)
                {
                    sum += row[k] * from[k];
                }

                to[j] = from[j] + sum;
            }
        }
    }
}
