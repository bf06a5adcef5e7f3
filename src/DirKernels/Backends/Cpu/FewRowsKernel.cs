using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// A few rows times a matrix that no cache near by holds, read where it lies: eight of its rows at a time from end to end, since memory answers long runs faster than the few columns of each row
/// that 16 registers have room for. Sums are kept in memory meanwhile, each of them in the order of <see cref="TileKernel.Run"/>.
/// </summary>
internal static unsafe class FewRowsKernel
{
    private const int RowsOfB = 8;

    // Of single precision: 32 KB.
    private const int MostOfNearestCache = 8 * 1024;

    // Of single precision: 1 MB, about what a second-level cache holds.
    private const int MostOfSecondCache = 256 * 1024;

    private const int FewestElementsOfBForRow = 1024;

    // With more, packing B into panels for whole tiles takes less time.
    private static int MostRows => InstructionSet.Bits == 512 ? 8 : 16;

    // 32 registers hold the sums of 256 columns: runs long enough for a second-level cache, and no sums in memory.
    private static int MostForOneRow => InstructionSet.Bits == 512 ? MostOfSecondCache : MostOfNearestCache;

    /// <summary>Whether rows of B are longer than the columns that stay in registers, and too many for the nearest cache, and those of A few enough.</summary>
    /// <param name="rows">Of A.</param>
    /// <param name="columns">Of B.</param>
    /// <param name="depth">Rows of B.</param>
    public static bool IsFor(int rows, int columns, int depth)
    {
        long elements = (long)columns * depth;
        return columns > InstructionSet.Bits / 4
            && elements > (rows == 1 ? MostForOneRow : MostOfNearestCache)
            && rows <= Math.Min(MostRows, elements / FewestElementsOfBForRow);
    }

    /// <summary><c>C = A B + bias</c>, of some columns.</summary>
    /// <param name="product">Operands.</param>
    /// <param name="first">First column to compute.</param>
    /// <param name="end">Behind the last one: whole panels from the first on.</param>
    public static void Run<TSimd, TVector>(in MatrixProduct product, int first, int end)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        // Columns of other threads lie beside them in C, which a processor would fetch again and again: sums of some columns are kept apart.
        int columns = end - first;
        float* sums = columns == product.Columns ? product.C : ScratchMemory.Request<float>((long)product.Rows * columns), b = product.B + first;
        if (columns < product.Columns)
        {
            FetchRows(product);
        }

        new Span<float>(sums, product.Rows * columns).Clear();
        int k = 0;
        for (; k <= product.Depth - RowsOfB; k += RowsOfB, b += RowsOfB * product.BRowStride)
        {
            float* a = product.A + k * product.AColumnStride;
            for (int row = 0; row < product.Rows; row++)
            {
                AddEight<TSimd, TVector>(a + row * product.ARowStride, product.AColumnStride, b, product.BRowStride, sums + row * columns, columns);
            }
        }

        for (; k < product.Depth; k++, b += product.BRowStride)
        {
            float* a = product.A + k * product.AColumnStride;
            for (int row = 0; row < product.Rows; row++)
            {
                AddOne<TSimd, TVector>(TSimd.Broadcast(a[row * product.ARowStride]), b, sums + row * columns, columns);
            }
        }

        float* bias = product.Bias + first;
        for (int row = 0; row < product.Rows; row++, sums += columns)
        {
            float* c = product.C + (long)row * product.Columns + first;
            for (nint j = 0; j < columns; j += TSimd.Width)
            {
                TVector sum = TSimd.Load(sums + j);
                TSimd.Store(product.Bias == null ? sum : TSimd.Add(sum, TSimd.Load(bias + j)), c + j);
            }
        }
    }

    // What other threads have made of A would come a line at a time where it is needed.
    private static void FetchRows(in MatrixProduct product)
    {
        for (int row = 0; product.AColumnStride == 1 && row < product.Rows; row++)
        {
            float* a = product.A + row * product.ARowStride;
            for (int k = 0; k < product.Depth; k += CacheLine.Floats)
            {
                CacheLine.Fetch(a + k);
            }
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static void AddEight<TSimd, TVector>(float* a, nint aStride, float* b, nint rowStride, float* c, nint columns)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector a0 = TSimd.Broadcast(a[0]), a1 = TSimd.Broadcast(a[aStride]), a2 = TSimd.Broadcast(a[2 * aStride]), a3 = TSimd.Broadcast(a[3 * aStride]);
        TVector a4 = TSimd.Broadcast(a[4 * aStride]), a5 = TSimd.Broadcast(a[5 * aStride]), a6 = TSimd.Broadcast(a[6 * aStride]), a7 = TSimd.Broadcast(a[7 * aStride]);
        float* b1 = b + rowStride, b2 = b1 + rowStride, b3 = b2 + rowStride, b4 = b3 + rowStride, b5 = b4 + rowStride, b6 = b5 + rowStride, b7 = b6 + rowStride;
        for (nint j = 0; j < columns; j += 2 * TSimd.Width)
        {
            nint next = j + TSimd.Width;
            TVector left = TSimd.Load(c + j), right = TSimd.Load(c + next);
            left = TSimd.MultiplyAdd(a0, TSimd.Load(b + j), left);
            right = TSimd.MultiplyAdd(a0, TSimd.Load(b + next), right);
            left = TSimd.MultiplyAdd(a1, TSimd.Load(b1 + j), left);
            right = TSimd.MultiplyAdd(a1, TSimd.Load(b1 + next), right);
            left = TSimd.MultiplyAdd(a2, TSimd.Load(b2 + j), left);
            right = TSimd.MultiplyAdd(a2, TSimd.Load(b2 + next), right);
            left = TSimd.MultiplyAdd(a3, TSimd.Load(b3 + j), left);
            right = TSimd.MultiplyAdd(a3, TSimd.Load(b3 + next), right);
            left = TSimd.MultiplyAdd(a4, TSimd.Load(b4 + j), left);
            right = TSimd.MultiplyAdd(a4, TSimd.Load(b4 + next), right);
            left = TSimd.MultiplyAdd(a5, TSimd.Load(b5 + j), left);
            right = TSimd.MultiplyAdd(a5, TSimd.Load(b5 + next), right);
            left = TSimd.MultiplyAdd(a6, TSimd.Load(b6 + j), left);
            right = TSimd.MultiplyAdd(a6, TSimd.Load(b6 + next), right);
            left = TSimd.MultiplyAdd(a7, TSimd.Load(b7 + j), left);
            right = TSimd.MultiplyAdd(a7, TSimd.Load(b7 + next), right);
            TSimd.Store(left, c + j);
            TSimd.Store(right, c + next);
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static void AddOne<TSimd, TVector>(TVector value, float* b, float* c, nint columns)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint j = 0; j < columns; j += TSimd.Width)
        {
            TSimd.Store(TSimd.MultiplyAdd(value, TSimd.Load(b + j), TSimd.Load(c + j)), c + j);
        }
    }
}
