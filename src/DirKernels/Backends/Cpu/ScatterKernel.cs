using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// The inner kernels of scatter matrices: a tile of <c>X^T X</c> from two panels of X that hold a row of X in two registers. Both operands are read in the order
/// they lie; no calls and no branches besides the loop, so that all sums stay in registers.
/// </summary>
internal static unsafe class ScatterKernel
{
    /// <summary>
    /// Rows of the tile that begins with a row of a panel: eight with 32 registers; six, six and four with 16 registers and panels of 16 rows, since eight sums only just hide the delay of a
    /// multiply-add; otherwise four.
    /// </summary>
    /// <param name="row">Row of the panel, the first of a tile.</param>
    public static int TileRows(int row) => InstructionSet.Bits switch
    {
        512 => 8,
        256 when row < 12 => 6,
        _ => 4,
    };

    /// <summary><c>tile[i, j] = sum over k of a[k, i] b[k, j]</c>, or added to what is there.</summary>
    /// <param name="a">First of the tile's columns in its panel.</param>
    /// <param name="b">Panel [depth x 2 widths].</param>
    /// <param name="depth">Rows of X.</param>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="tile">[rows x 2 widths].</param>
    public static void Run<TSimd, TVector, TStore>(float* a, float* b, int depth, int rows, float* tile)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TStore : struct, ITileStore
    {
        if (TSimd.Width == 16)
        {
            RunEight<TSimd, TVector, TStore>(a, a, b, depth, tile);
        }
        else if (rows == 6)
        {
            RunSix<TSimd, TVector, TStore>(a, b, depth, tile);
        }
        else
        {
            RunFour<TSimd, TVector, TStore>(a, b, depth, tile);
        }
    }

    /// <summary>Whether <see cref="RunLeft"/> is faster than <see cref="Run"/>: with four rows it would have too few sums to hide the delay of an addition.</summary>
    public static bool HasLeft => InstructionSet.Bits == 512;

    /// <summary>The left register of <see cref="Run"/> alone, eight rows: for tiles that reach below the diagonal with it only.</summary>
    [MethodImpl(KernelMethod.Options)]
    public static void RunLeft<TSimd, TVector, TStore>(float* a, float* b, int depth, float* tile)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TStore : struct, ITileStore
    {
        TVector c0 = TSimd.Zero, c1 = TSimd.Zero, c2 = TSimd.Zero, c3 = TSimd.Zero, c4 = TSimd.Zero, c5 = TSimd.Zero, c6 = TSimd.Zero, c7 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b);
            c0 = TSimd.MultiplyAdd(TSimd.Broadcast(a[0]), b0, c0);
            c1 = TSimd.MultiplyAdd(TSimd.Broadcast(a[1]), b0, c1);
            c2 = TSimd.MultiplyAdd(TSimd.Broadcast(a[2]), b0, c2);
            c3 = TSimd.MultiplyAdd(TSimd.Broadcast(a[3]), b0, c3);
            c4 = TSimd.MultiplyAdd(TSimd.Broadcast(a[4]), b0, c4);
            c5 = TSimd.MultiplyAdd(TSimd.Broadcast(a[5]), b0, c5);
            c6 = TSimd.MultiplyAdd(TSimd.Broadcast(a[6]), b0, c6);
            c7 = TSimd.MultiplyAdd(TSimd.Broadcast(a[7]), b0, c7);
            a += 2 * TSimd.Width;
            b += 2 * TSimd.Width;
        }

        nint stride = 2 * TSimd.Width;
        TStore.Store<TSimd, TVector>(c0, tile);
        TStore.Store<TSimd, TVector>(c1, tile + stride);
        TStore.Store<TSimd, TVector>(c2, tile + 2 * stride);
        TStore.Store<TSimd, TVector>(c3, tile + 3 * stride);
        TStore.Store<TSimd, TVector>(c4, tile + 4 * stride);
        TStore.Store<TSimd, TVector>(c5, tile + 5 * stride);
        TStore.Store<TSimd, TVector>(c6, tile + 6 * stride);
        TStore.Store<TSimd, TVector>(c7, tile + 7 * stride);
    }

    /// <summary>Rows of <see cref="RunWide"/>; 0 where there are too few registers for it.</summary>
    public static int WideRows => InstructionSet.Bits == 512 ? 4 : 0;

    /// <summary>
    /// A tile of four rows and two panels: a load for two multiply-adds, where eight rows and one panel take seven for eight. Cores whose other thread is busy have less than two loads a cycle.
    /// </summary>
    /// <param name="a">First of the tile's columns in its panel.</param>
    /// <param name="b">Panel [depth x 2 widths].</param>
    /// <param name="right">The next panel.</param>
    /// <param name="depth">Rows of X.</param>
    /// <param name="tile">[4 x 4 widths].</param>
    [MethodImpl(KernelMethod.Options)]
    public static void RunWide<TSimd, TVector, TStore>(float* a, float* b, float* right, int depth, float* tile)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TStore : struct, ITileStore
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero, c03 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero, c12 = TSimd.Zero, c13 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c22 = TSimd.Zero, c23 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c32 = TSimd.Zero, c33 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + TSimd.Width), b2 = TSimd.Load(right), b3 = TSimd.Load(right + TSimd.Width);
            TVector value = TSimd.Broadcast(a[0]);
            c00 = TSimd.MultiplyAdd(value, b0, c00);
            c01 = TSimd.MultiplyAdd(value, b1, c01);
            c02 = TSimd.MultiplyAdd(value, b2, c02);
            c03 = TSimd.MultiplyAdd(value, b3, c03);
            value = TSimd.Broadcast(a[1]);
            c10 = TSimd.MultiplyAdd(value, b0, c10);
            c11 = TSimd.MultiplyAdd(value, b1, c11);
            c12 = TSimd.MultiplyAdd(value, b2, c12);
            c13 = TSimd.MultiplyAdd(value, b3, c13);
            value = TSimd.Broadcast(a[2]);
            c20 = TSimd.MultiplyAdd(value, b0, c20);
            c21 = TSimd.MultiplyAdd(value, b1, c21);
            c22 = TSimd.MultiplyAdd(value, b2, c22);
            c23 = TSimd.MultiplyAdd(value, b3, c23);
            value = TSimd.Broadcast(a[3]);
            c30 = TSimd.MultiplyAdd(value, b0, c30);
            c31 = TSimd.MultiplyAdd(value, b1, c31);
            c32 = TSimd.MultiplyAdd(value, b2, c32);
            c33 = TSimd.MultiplyAdd(value, b3, c33);
            a += 2 * TSimd.Width;
            b += 2 * TSimd.Width;
            right += 2 * TSimd.Width;
        }

        int width = TSimd.Width;
        Store<TSimd, TVector, TStore>(c00, c01, tile);
        Store<TSimd, TVector, TStore>(c02, c03, tile + 2 * width);
        Store<TSimd, TVector, TStore>(c10, c11, tile + 4 * width);
        Store<TSimd, TVector, TStore>(c12, c13, tile + 6 * width);
        Store<TSimd, TVector, TStore>(c20, c21, tile + 8 * width);
        Store<TSimd, TVector, TStore>(c22, c23, tile + 10 * width);
        Store<TSimd, TVector, TStore>(c30, c31, tile + 12 * width);
        Store<TSimd, TVector, TStore>(c32, c33, tile + 14 * width);
    }

    // "again" is "a" once more, under a name by which the compiler cannot know it: multiply-adds of odd rows then broadcast their factors from memory by themselves, one instruction instead of two. Even
    // rows load theirs into a register for both, since two loads a cycle is what a core can do.
    [MethodImpl(KernelMethod.Options)]
    private static void RunEight<TSimd, TVector, TStore>(float* a, float* again, float* b, int depth, float* tile)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TStore : struct, ITileStore
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c10 = TSimd.Zero, c11 = TSimd.Zero, c20 = TSimd.Zero, c21 = TSimd.Zero, c30 = TSimd.Zero, c31 = TSimd.Zero;
        TVector c40 = TSimd.Zero, c41 = TSimd.Zero, c50 = TSimd.Zero, c51 = TSimd.Zero, c60 = TSimd.Zero, c61 = TSimd.Zero, c70 = TSimd.Zero, c71 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + TSimd.Width);
            TVector value = TSimd.Broadcast(a[0]);
            c00 = TSimd.MultiplyAdd(b0, value, c00);
            c01 = TSimd.MultiplyAdd(b1, value, c01);
            c10 = TSimd.MultiplyAdd(b0, TSimd.Broadcast(a[1]), c10);
            c11 = TSimd.MultiplyAdd(b1, TSimd.Broadcast(again[1]), c11);
            value = TSimd.Broadcast(a[2]);
            c20 = TSimd.MultiplyAdd(b0, value, c20);
            c21 = TSimd.MultiplyAdd(b1, value, c21);
            c30 = TSimd.MultiplyAdd(b0, TSimd.Broadcast(a[3]), c30);
            c31 = TSimd.MultiplyAdd(b1, TSimd.Broadcast(again[3]), c31);
            value = TSimd.Broadcast(a[4]);
            c40 = TSimd.MultiplyAdd(b0, value, c40);
            c41 = TSimd.MultiplyAdd(b1, value, c41);
            c50 = TSimd.MultiplyAdd(b0, TSimd.Broadcast(a[5]), c50);
            c51 = TSimd.MultiplyAdd(b1, TSimd.Broadcast(again[5]), c51);
            value = TSimd.Broadcast(a[6]);
            c60 = TSimd.MultiplyAdd(b0, value, c60);
            c61 = TSimd.MultiplyAdd(b1, value, c61);
            c70 = TSimd.MultiplyAdd(b0, TSimd.Broadcast(a[7]), c70);
            c71 = TSimd.MultiplyAdd(b1, TSimd.Broadcast(again[7]), c71);
            a += 2 * TSimd.Width;
            again += 2 * TSimd.Width;
            b += 2 * TSimd.Width;
        }

        int width = TSimd.Width;
        Store<TSimd, TVector, TStore>(c00, c01, tile);
        Store<TSimd, TVector, TStore>(c10, c11, tile + 2 * width);
        Store<TSimd, TVector, TStore>(c20, c21, tile + 4 * width);
        Store<TSimd, TVector, TStore>(c30, c31, tile + 6 * width);
        Store<TSimd, TVector, TStore>(c40, c41, tile + 8 * width);
        Store<TSimd, TVector, TStore>(c50, c51, tile + 10 * width);
        Store<TSimd, TVector, TStore>(c60, c61, tile + 12 * width);
        Store<TSimd, TVector, TStore>(c70, c71, tile + 14 * width);
    }

    [MethodImpl(KernelMethod.Options)]
    private static void RunSix<TSimd, TVector, TStore>(float* a, float* b, int depth, float* tile)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TStore : struct, ITileStore
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c10 = TSimd.Zero, c11 = TSimd.Zero, c20 = TSimd.Zero, c21 = TSimd.Zero, c30 = TSimd.Zero, c31 = TSimd.Zero;
        TVector c40 = TSimd.Zero, c41 = TSimd.Zero, c50 = TSimd.Zero, c51 = TSimd.Zero;
        // Two rows at a time, for fewer instructions that only move an address.
        int stride = 2 * TSimd.Width, k = 0;
        for (int even = depth & ~1; k < even; k += 2)
        {
            Step<TSimd, TVector>(a, b, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51);
            Step<TSimd, TVector>(a + stride, b + stride, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51);
            a += 2 * stride;
            b += 2 * stride;
        }

        if (k < depth)
        {
            Step<TSimd, TVector>(a, b, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51);
        }

        int width = TSimd.Width;
        Store<TSimd, TVector, TStore>(c00, c01, tile);
        Store<TSimd, TVector, TStore>(c10, c11, tile + 2 * width);
        Store<TSimd, TVector, TStore>(c20, c21, tile + 4 * width);
        Store<TSimd, TVector, TStore>(c30, c31, tile + 6 * width);
        Store<TSimd, TVector, TStore>(c40, c41, tile + 8 * width);
        Store<TSimd, TVector, TStore>(c50, c51, tile + 10 * width);
    }

    [MethodImpl(KernelMethod.Options)]
    private static void RunFour<TSimd, TVector, TStore>(float* a, float* b, int depth, float* tile)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TStore : struct, ITileStore
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c10 = TSimd.Zero, c11 = TSimd.Zero, c20 = TSimd.Zero, c21 = TSimd.Zero, c30 = TSimd.Zero, c31 = TSimd.Zero;
        // Two rows at a time, for fewer instructions that only move an address.
        int stride = 2 * TSimd.Width, k = 0;
        for (int even = depth & ~1; k < even; k += 2)
        {
            Step<TSimd, TVector>(a, TSimd.Load(b), TSimd.Load(b + TSimd.Width), ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31);
            Step<TSimd, TVector>(a + stride, TSimd.Load(b + stride), TSimd.Load(b + stride + TSimd.Width), ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31);
            a += 2 * stride;
            b += 2 * stride;
        }

        if (k < depth)
        {
            Step<TSimd, TVector>(a, TSimd.Load(b), TSimd.Load(b + TSimd.Width), ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31);
        }

        int width = TSimd.Width;
        Store<TSimd, TVector, TStore>(c00, c01, tile);
        Store<TSimd, TVector, TStore>(c10, c11, tile + 2 * width);
        Store<TSimd, TVector, TStore>(c20, c21, tile + 4 * width);
        Store<TSimd, TVector, TStore>(c30, c31, tile + 6 * width);
    }

    // One row of the panels, six columns of the first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TSimd, TVector>(
        float* a, float* b,
        ref TVector c00, ref TVector c01, ref TVector c10, ref TVector c11, ref TVector c20, ref TVector c21,
        ref TVector c30, ref TVector c31, ref TVector c40, ref TVector c41, ref TVector c50, ref TVector c51)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + TSimd.Width);
        Step<TSimd, TVector>(a, b0, b1, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31);
        TVector value = TSimd.Broadcast(a[4]);
        c40 = TSimd.MultiplyAdd(value, b0, c40);
        c41 = TSimd.MultiplyAdd(value, b1, c41);
        value = TSimd.Broadcast(a[5]);
        c50 = TSimd.MultiplyAdd(value, b0, c50);
        c51 = TSimd.MultiplyAdd(value, b1, c51);
    }

    // Four columns, of a row that is in registers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TSimd, TVector>(
        float* a, TVector b0, TVector b1, ref TVector c00, ref TVector c01, ref TVector c10, ref TVector c11, ref TVector c20, ref TVector c21, ref TVector c30, ref TVector c31)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector value = TSimd.Broadcast(a[0]);
        c00 = TSimd.MultiplyAdd(value, b0, c00);
        c01 = TSimd.MultiplyAdd(value, b1, c01);
        value = TSimd.Broadcast(a[1]);
        c10 = TSimd.MultiplyAdd(value, b0, c10);
        c11 = TSimd.MultiplyAdd(value, b1, c11);
        value = TSimd.Broadcast(a[2]);
        c20 = TSimd.MultiplyAdd(value, b0, c20);
        c21 = TSimd.MultiplyAdd(value, b1, c21);
        value = TSimd.Broadcast(a[3]);
        c30 = TSimd.MultiplyAdd(value, b0, c30);
        c31 = TSimd.MultiplyAdd(value, b1, c31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TSimd, TVector, TStore>(TVector left, TVector right, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TStore : struct, ITileStore
    {
        TStore.Store<TSimd, TVector>(left, to);
        TStore.Store<TSimd, TVector>(right, to + TSimd.Width);
    }
}
