using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// The inner kernels of the matrix product: rows of A, read with any strides, times a packed panel as wide as two registers. No calls and no branches
/// besides the loop, so that all sums stay in registers.
/// </summary>
internal static unsafe partial class TileKernel
{
    /// <summary>Six rows: <c>C = A panel + bias</c>.</summary>
    /// <param name="a">First element of the first row.</param>
    /// <param name="rowStride">Elements from row to row of A.</param>
    /// <param name="columnStride">Elements from column to column of A.</param>
    /// <param name="panel">[depth x 2 widths] of B.</param>
    /// <param name="panelStride">Elements from row to row of the panel: 2 widths when it is packed.</param>
    /// <param name="depth">Columns of A.</param>
    /// <param name="bias">[2 widths], or null.</param>
    /// <param name="c">First element of the tile of C.</param>
    /// <param name="cStride">Elements from row to row of C.</param>
    /// <param name="skipped">First rows of C, at most two, that have received their sums before.</param>
    /// <param name="turned">Last columns of A that are taken in descending order, see <see cref="MatrixProduct.TurnedDepth"/>.</param>
    [MethodImpl(KernelMethod.Options)]
    public static void Run<TSimd, TVector, TStore>(
        float* a, nint rowStride, nint columnStride, float* panel, nint panelStride, int depth, float* bias, float* c, nint cStride, int skipped = 0, int turned = 0)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TStore : struct, ITileStore
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c10 = TSimd.Zero, c11 = TSimd.Zero, c20 = TSimd.Zero, c21 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c40 = TSimd.Zero, c41 = TSimd.Zero, c50 = TSimd.Zero, c51 = TSimd.Zero;
        // Two columns of A at a time, with the strides that occur: where another thread of the core takes half of the instructions that are issued, each one that only moves an address counts.
        nint twoRows = 2 * rowStride;
        float* lower = a + 3 * rowStride;
        int count = depth - turned, k = 0;
        if (columnStride == 1 && turned == 0)
        {
            for (; k < count - 1; k += 2)
            {
                Step<TSimd, TVector>(a, lower, rowStride, twoRows, 0, panel, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51);
                panel += panelStride;
                Step<TSimd, TVector>(a, lower, rowStride, twoRows, 1, panel, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51);
                panel += panelStride;
                a += 2;
                lower += 2;
            }
        }
        else if (rowStride == 1)
        {
            for (; k < count - 1; k += 2)
            {
                Step<TSimd, TVector>(a, a + 3, 1, 2, 0, panel, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51);
                a += columnStride;
                panel += panelStride;
                Step<TSimd, TVector>(a, a + 3, 1, 2, 0, panel, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51);
                a += columnStride;
                panel += panelStride;
            }

            lower = a + 3;
        }

        while (true)
        {
            for (; k < count; k++)
            {
                Step<TSimd, TVector>(a, lower, rowStride, twoRows, 0, panel, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51);
                a += columnStride;
                lower += columnStride;
                panel += panelStride;
            }

            if (turned == 0)
            {
                break;
            }

            // The last columns from the end on.
            a += (turned - 1) * columnStride;
            lower += (turned - 1) * columnStride;
            panel += (turned - 1) * panelStride;
            (columnStride, panelStride, count, k, turned) = (-columnStride, -panelStride, turned, 0, 0);
        }

        if (bias != null)
        {
            TVector left = TSimd.Load(bias), right = TSimd.Load(bias + TSimd.Width);
            c00 = TSimd.Add(c00, left);
            c01 = TSimd.Add(c01, right);
            c10 = TSimd.Add(c10, left);
            c11 = TSimd.Add(c11, right);
            c20 = TSimd.Add(c20, left);
            c21 = TSimd.Add(c21, right);
            c30 = TSimd.Add(c30, left);
            c31 = TSimd.Add(c31, right);
            c40 = TSimd.Add(c40, left);
            c41 = TSimd.Add(c41, right);
            c50 = TSimd.Add(c50, left);
            c51 = TSimd.Add(c51, right);
        }

        if (!TStore.Adds || skipped <= 0)
        {
            StoreTwo<TSimd, TVector, TStore>(c00, c01, c);
        }

        if (!TStore.Adds || skipped <= 1)
        {
            StoreTwo<TSimd, TVector, TStore>(c10, c11, c + cStride);
        }

        StoreTwo<TSimd, TVector, TStore>(c20, c21, c + 2 * cStride);
        StoreTwo<TSimd, TVector, TStore>(c30, c31, c + 3 * cStride);
        StoreTwo<TSimd, TVector, TStore>(c40, c41, c + 4 * cStride);
        StoreTwo<TSimd, TVector, TStore>(c50, c51, c + 5 * cStride);
    }

    // One column of A, some columns from where its rows are, times one row of the panel.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TSimd, TVector>(
        float* a, float* lower, nint rowStride, nint twoRows, nint column, float* panel,
        ref TVector c00, ref TVector c01, ref TVector c10, ref TVector c11, ref TVector c20, ref TVector c21,
        ref TVector c30, ref TVector c31, ref TVector c40, ref TVector c41, ref TVector c50, ref TVector c51)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector b0 = TSimd.Load(panel), b1 = TSimd.Load(panel + TSimd.Width);
        TVector value = TSimd.Broadcast((a + column)[0]);
        c00 = TSimd.MultiplyAdd(value, b0, c00);
        c01 = TSimd.MultiplyAdd(value, b1, c01);
        value = TSimd.Broadcast((a + column)[rowStride]);
        c10 = TSimd.MultiplyAdd(value, b0, c10);
        c11 = TSimd.MultiplyAdd(value, b1, c11);
        value = TSimd.Broadcast((a + column)[twoRows]);
        c20 = TSimd.MultiplyAdd(value, b0, c20);
        c21 = TSimd.MultiplyAdd(value, b1, c21);
        value = TSimd.Broadcast((lower + column)[0]);
        c30 = TSimd.MultiplyAdd(value, b0, c30);
        c31 = TSimd.MultiplyAdd(value, b1, c31);
        value = TSimd.Broadcast((lower + column)[rowStride]);
        c40 = TSimd.MultiplyAdd(value, b0, c40);
        c41 = TSimd.MultiplyAdd(value, b1, c41);
        value = TSimd.Broadcast((lower + column)[twoRows]);
        c50 = TSimd.MultiplyAdd(value, b0, c50);
        c51 = TSimd.MultiplyAdd(value, b1, c51);
    }

    /// <summary>
    /// Six rows and two panels side by side, for processors with 32 registers: 24 sums take 10 loads a step instead of 16, which counts where another thread of the same core takes half of
    /// what a core issues. Sums in the same order as <see cref="Run"/>.
    /// </summary>
    /// <param name="a">First element of the first row.</param>
    /// <param name="rowStride">Elements from row to row of A.</param>
    /// <param name="columnStride">Elements from column to column of A.</param>
    /// <param name="panel">[depth x 2 widths] of B.</param>
    /// <param name="nextPanel">Elements from a panel to the one at its right.</param>
    /// <param name="panelStride">Elements from row to row of a panel.</param>
    /// <param name="depth">Columns of A.</param>
    /// <param name="bias">[4 widths], or null.</param>
    /// <param name="c">First element of the tile of C.</param>
    /// <param name="cStride">Elements from row to row of C.</param>
    /// <param name="skipped">First rows of C, at most two, that have received their sums before.</param>
    /// <param name="turned">Last columns of A that are taken in descending order, see <see cref="MatrixProduct.TurnedDepth"/>.</param>
    [MethodImpl(KernelMethod.Options)]
    public static void RunWide<TSimd, TVector, TStore>(
        float* a, nint rowStride, nint columnStride, float* panel, nint nextPanel, nint panelStride, int depth, float* bias, float* c, nint cStride, int skipped = 0, int turned = 0)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TStore : struct, ITileStore
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero, c03 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero, c12 = TSimd.Zero, c13 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c22 = TSimd.Zero, c23 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c32 = TSimd.Zero, c33 = TSimd.Zero;
        TVector c40 = TSimd.Zero, c41 = TSimd.Zero, c42 = TSimd.Zero, c43 = TSimd.Zero;
        TVector c50 = TSimd.Zero, c51 = TSimd.Zero, c52 = TSimd.Zero, c53 = TSimd.Zero;
        float* lower = a + 3 * rowStride, right = panel + nextPanel;
        nint doubled = 2 * rowStride;
        int count = depth - turned;
        while (true)
        {
            for (int k = 0; k < count; k++)
            {
                TVector b0 = TSimd.Load(panel), b1 = TSimd.Load(panel + TSimd.Width), b2 = TSimd.Load(right), b3 = TSimd.Load(right + TSimd.Width);
                MultiplyRow<TSimd, TVector>(a[0], b0, b1, b2, b3, ref c00, ref c01, ref c02, ref c03);
                MultiplyRow<TSimd, TVector>(a[rowStride], b0, b1, b2, b3, ref c10, ref c11, ref c12, ref c13);
                MultiplyRow<TSimd, TVector>(a[doubled], b0, b1, b2, b3, ref c20, ref c21, ref c22, ref c23);
                MultiplyRow<TSimd, TVector>(lower[0], b0, b1, b2, b3, ref c30, ref c31, ref c32, ref c33);
                MultiplyRow<TSimd, TVector>(lower[rowStride], b0, b1, b2, b3, ref c40, ref c41, ref c42, ref c43);
                MultiplyRow<TSimd, TVector>(lower[doubled], b0, b1, b2, b3, ref c50, ref c51, ref c52, ref c53);
                panel += panelStride;
                right += panelStride;
                a += columnStride;
                lower += columnStride;
            }

            if (turned == 0)
            {
                break;
            }

            // The last columns from the end on.
            a += (turned - 1) * columnStride;
            lower += (turned - 1) * columnStride;
            panel += (turned - 1) * panelStride;
            right += (turned - 1) * panelStride;
            (columnStride, panelStride, count, turned) = (-columnStride, -panelStride, turned, 0);
        }

        if (bias != null)
        {
            TVector bias0 = TSimd.Load(bias), bias1 = TSimd.Load(bias + TSimd.Width), bias2 = TSimd.Load(bias + 2 * TSimd.Width), bias3 = TSimd.Load(bias + 3 * TSimd.Width);
            AddRow<TSimd, TVector>(bias0, bias1, bias2, bias3, ref c00, ref c01, ref c02, ref c03);
            AddRow<TSimd, TVector>(bias0, bias1, bias2, bias3, ref c10, ref c11, ref c12, ref c13);
            AddRow<TSimd, TVector>(bias0, bias1, bias2, bias3, ref c20, ref c21, ref c22, ref c23);
            AddRow<TSimd, TVector>(bias0, bias1, bias2, bias3, ref c30, ref c31, ref c32, ref c33);
            AddRow<TSimd, TVector>(bias0, bias1, bias2, bias3, ref c40, ref c41, ref c42, ref c43);
            AddRow<TSimd, TVector>(bias0, bias1, bias2, bias3, ref c50, ref c51, ref c52, ref c53);
        }

        if (!TStore.Adds || skipped <= 0)
        {
            StoreFour<TSimd, TVector, TStore>(c00, c01, c02, c03, c);
        }

        if (!TStore.Adds || skipped <= 1)
        {
            StoreFour<TSimd, TVector, TStore>(c10, c11, c12, c13, c + cStride);
        }

        StoreFour<TSimd, TVector, TStore>(c20, c21, c22, c23, c + 2 * cStride);
        StoreFour<TSimd, TVector, TStore>(c30, c31, c32, c33, c + 3 * cStride);
        StoreFour<TSimd, TVector, TStore>(c40, c41, c42, c43, c + 4 * cStride);
        StoreFour<TSimd, TVector, TStore>(c50, c51, c52, c53, c + 5 * cStride);
    }

    // One row of A's column times one row of two panels.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyRow<TSimd, TVector>(float a, TVector b0, TVector b1, TVector b2, TVector b3, ref TVector c0, ref TVector c1, ref TVector c2, ref TVector c3)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector value = TSimd.Broadcast(a);
        c0 = TSimd.MultiplyAdd(value, b0, c0);
        c1 = TSimd.MultiplyAdd(value, b1, c1);
        c2 = TSimd.MultiplyAdd(value, b2, c2);
        c3 = TSimd.MultiplyAdd(value, b3, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<TSimd, TVector>(TVector b0, TVector b1, TVector b2, TVector b3, ref TVector c0, ref TVector c1, ref TVector c2, ref TVector c3)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        c0 = TSimd.Add(c0, b0);
        c1 = TSimd.Add(c1, b1);
        c2 = TSimd.Add(c2, b2);
        c3 = TSimd.Add(c3, b3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFour<TSimd, TVector, TStore>(TVector c0, TVector c1, TVector c2, TVector c3, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TStore : struct, ITileStore
    {
        StoreTwo<TSimd, TVector, TStore>(c0, c1, to);
        StoreTwo<TSimd, TVector, TStore>(c2, c3, to + 2 * TSimd.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreTwo<TSimd, TVector, TStore>(TVector c0, TVector c1, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TStore : struct, ITileStore
    {
        TStore.Store<TSimd, TVector>(c0, to);
        TStore.Store<TSimd, TVector>(c1, to + TSimd.Width);
    }
}
