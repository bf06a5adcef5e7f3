using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

/// <content>The last rows of a block.</content>
internal static unsafe partial class TileKernel
{
    /// <summary>
    /// Four rows at given offsets, where six would leave one or two of the last ones, and for the edges of a matrix: eight sums just hide the delay of a multiply-add, fewer would take as long. Sums in
    /// the same order as <see cref="Run"/>.
    /// </summary>
    /// <param name="a">First element of the first row.</param>
    /// <param name="second">Elements from the first row of A to the second; 0 repeats it.</param>
    /// <param name="third">Elements from the first row to the third.</param>
    /// <param name="fourth">Elements from the first row to the fourth.</param>
    /// <param name="columnStride">Elements from column to column of A.</param>
    /// <param name="panel">[depth x 2 widths] of B.</param>
    /// <param name="panelStride">Elements from row to row of the panel.</param>
    /// <param name="depth">Columns of A.</param>
    /// <param name="bias">[2 widths], or null.</param>
    /// <param name="c">First element of the tile of C.</param>
    /// <param name="cStride">Elements from row to row of C.</param>
    /// <param name="turned">Last columns of A that are taken in descending order.</param>
    [MethodImpl(KernelMethod.Options)]
    public static void RunFour<TSimd, TVector, TStore>(
        float* a, nint second, nint third, nint fourth, nint columnStride, float* panel, nint panelStride, int depth, float* bias, float* c, nint cStride, int turned)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TStore : struct, ITileStore
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c10 = TSimd.Zero, c11 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c30 = TSimd.Zero, c31 = TSimd.Zero;
        int count = depth - turned;
        while (true)
        {
            int k = 0;
            for (; k < count - 1; k += 2)
            {
                StepOfFour<TSimd, TVector>(a, second, third, fourth, panel, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31);
                StepOfFour<TSimd, TVector>(a + columnStride, second, third, fourth, panel + panelStride, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31);
                a += 2 * columnStride;
                panel += 2 * panelStride;
            }

            if (k < count)
            {
                StepOfFour<TSimd, TVector>(a, second, third, fourth, panel, ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31);
                a += columnStride;
                panel += panelStride;
            }

            if (turned == 0)
            {
                break;
            }

            // The last columns from the end on.
            a += (turned - 1) * columnStride;
            panel += (turned - 1) * panelStride;
            (columnStride, panelStride, count, turned) = (-columnStride, -panelStride, turned, 0);
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
        }

        StoreTwo<TSimd, TVector, TStore>(c00, c01, c);
        StoreTwo<TSimd, TVector, TStore>(c10, c11, c + cStride);
        StoreTwo<TSimd, TVector, TStore>(c20, c21, c + 2 * cStride);
        StoreTwo<TSimd, TVector, TStore>(c30, c31, c + 3 * cStride);
    }

    /// <summary>Four rows and two panels side by side, for processors with 32 registers: sixteen sums hide what delays one of them, which eight do not. Sums in the same order as <see cref="Run"/>.</summary>
    /// <inheritdoc cref="RunWide"/>
    [MethodImpl(KernelMethod.Options)]
    public static void RunFourWide<TSimd, TVector, TStore>(
        float* a, nint rowStride, nint columnStride, float* panel, nint nextPanel, nint panelStride, int depth, float* bias, float* c, nint cStride, int turned)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TStore : struct, ITileStore
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero, c03 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero, c12 = TSimd.Zero, c13 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c22 = TSimd.Zero, c23 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c32 = TSimd.Zero, c33 = TSimd.Zero;
        float* right = panel + nextPanel;
        nint doubled = 2 * rowStride, tripled = 3 * rowStride;
        int count = depth - turned;
        while (true)
        {
            for (int k = 0; k < count; k++)
            {
                TVector b0 = TSimd.Load(panel), b1 = TSimd.Load(panel + TSimd.Width), b2 = TSimd.Load(right), b3 = TSimd.Load(right + TSimd.Width);
                MultiplyRow<TSimd, TVector>(a[0], b0, b1, b2, b3, ref c00, ref c01, ref c02, ref c03);
                MultiplyRow<TSimd, TVector>(a[rowStride], b0, b1, b2, b3, ref c10, ref c11, ref c12, ref c13);
                MultiplyRow<TSimd, TVector>(a[doubled], b0, b1, b2, b3, ref c20, ref c21, ref c22, ref c23);
                MultiplyRow<TSimd, TVector>(a[tripled], b0, b1, b2, b3, ref c30, ref c31, ref c32, ref c33);
                panel += panelStride;
                right += panelStride;
                a += columnStride;
            }

            if (turned == 0)
            {
                break;
            }

            // The last columns from the end on.
            a += (turned - 1) * columnStride;
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
        }

        StoreFour<TSimd, TVector, TStore>(c00, c01, c02, c03, c);
        StoreFour<TSimd, TVector, TStore>(c10, c11, c12, c13, c + cStride);
        StoreFour<TSimd, TVector, TStore>(c20, c21, c22, c23, c + 2 * cStride);
        StoreFour<TSimd, TVector, TStore>(c30, c31, c32, c33, c + 3 * cStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StepOfFour<TSimd, TVector>(
        float* a, nint second, nint third, nint fourth, float* panel,
        ref TVector c00, ref TVector c01, ref TVector c10, ref TVector c11, ref TVector c20, ref TVector c21, ref TVector c30, ref TVector c31)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector b0 = TSimd.Load(panel), b1 = TSimd.Load(panel + TSimd.Width);
        TVector value = TSimd.Broadcast(a[0]);
        c00 = TSimd.MultiplyAdd(value, b0, c00);
        c01 = TSimd.MultiplyAdd(value, b1, c01);
        value = TSimd.Broadcast(a[second]);
        c10 = TSimd.MultiplyAdd(value, b0, c10);
        c11 = TSimd.MultiplyAdd(value, b1, c11);
        value = TSimd.Broadcast(a[third]);
        c20 = TSimd.MultiplyAdd(value, b0, c20);
        c21 = TSimd.MultiplyAdd(value, b1, c21);
        value = TSimd.Broadcast(a[fourth]);
        c30 = TSimd.MultiplyAdd(value, b0, c30);
        c31 = TSimd.MultiplyAdd(value, b1, c31);
    }
}
