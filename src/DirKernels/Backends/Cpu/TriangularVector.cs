using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>Products of one bin's map T [D x g], lower triangular blocks with zeros above, with a vector: from the left and from the right.</summary>
/// <remarks>
/// Four rows at a time, up to the last register that the diagonal reaches; D (g + 1) flops. A map that was read for one product is still in the nearest caches for the
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTransposedProduct<TSimd, TVector>(float* map, BinShape shape, float* x, float* result)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int g = shape.BlockSize, d = shape.Dimensions;
        new ReadOnlySpan<float>(x, d).CopyTo(new Span<float>(result, d));
        for (int start = 0; start < d; start += g)
        {
            int size = Math.Min(g, d - start), j = 0;
            float* to = result + start, from = x + start, row = map + (long)start * g;
            for (; j <= size - 4 && g % TSimd.Width == 0; j += 4, row += 4 * g)
            {
                TVector x0 = TSimd.Broadcast(from[j]), x1 = TSimd.Broadcast(from[j + 1]), x2 = TSimd.Broadcast(from[j + 2]), x3 = TSimd.Broadcast(from[j + 3]);
                for (int k = 0; k < j + 4; k += TSimd.Width)
                {
                    TVector sum = TSimd.MultiplyAdd(x0, TSimd.Load(row + k), TSimd.Load(to + k));
                    sum = TSimd.MultiplyAdd(x1, TSimd.Load(row + g + k), sum);
                    sum = TSimd.MultiplyAdd(x2, TSimd.Load(row + 2 * g + k), sum);
                    TSimd.Store(TSimd.MultiplyAdd(x3, TSimd.Load(row + 3 * g + k), sum), to + k);
                }
            }

            for (; j < size; j++, row += g)
            {
                for (int k = 0; k <= j; k++)
                {
                    to[k] += from[j] * row[k];
                }
            }
        }
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

                to[j] = from[j] + TSimd.Sum(s0);
                to[j + 1] = from[j + 1] + TSimd.Sum(s1);
                to[j + 2] = from[j + 2] + TSimd.Sum(s2);
                to[j + 3] = from[j + 3] + TSimd.Sum(s3);
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
