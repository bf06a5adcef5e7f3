using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

/// <content>A row at a time.</content>
internal static unsafe partial class TileKernel
{
    /// <summary>
    /// One row and eight registers of columns, B read where it lies: for predictions of a row at a time. Sums in the same order as <see cref="Run"/>.
    /// </summary>
    [MethodImpl(KernelMethod.Options)]
    public static void RunRow<TSimd, TVector>(float* a, nint columnStride, float* b, nint rowStride, int depth, float* bias, float* c)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector c0 = TSimd.Zero, c1 = TSimd.Zero, c2 = TSimd.Zero, c3 = TSimd.Zero, c4 = TSimd.Zero, c5 = TSimd.Zero, c6 = TSimd.Zero, c7 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            TVector value = TSimd.Broadcast(*a);
            c0 = TSimd.MultiplyAdd(value, TSimd.Load(b), c0);
            c1 = TSimd.MultiplyAdd(value, TSimd.Load(b + TSimd.Width), c1);
            c2 = TSimd.MultiplyAdd(value, TSimd.Load(b + 2 * TSimd.Width), c2);
            c3 = TSimd.MultiplyAdd(value, TSimd.Load(b + 3 * TSimd.Width), c3);
            c4 = TSimd.MultiplyAdd(value, TSimd.Load(b + 4 * TSimd.Width), c4);
            c5 = TSimd.MultiplyAdd(value, TSimd.Load(b + 5 * TSimd.Width), c5);
            c6 = TSimd.MultiplyAdd(value, TSimd.Load(b + 6 * TSimd.Width), c6);
            c7 = TSimd.MultiplyAdd(value, TSimd.Load(b + 7 * TSimd.Width), c7);
            a += columnStride;
            b += rowStride;
        }

        if (bias != null)
        {
            c0 = TSimd.Add(c0, TSimd.Load(bias));
            c1 = TSimd.Add(c1, TSimd.Load(bias + TSimd.Width));
            c2 = TSimd.Add(c2, TSimd.Load(bias + 2 * TSimd.Width));
            c3 = TSimd.Add(c3, TSimd.Load(bias + 3 * TSimd.Width));
            c4 = TSimd.Add(c4, TSimd.Load(bias + 4 * TSimd.Width));
            c5 = TSimd.Add(c5, TSimd.Load(bias + 5 * TSimd.Width));
            c6 = TSimd.Add(c6, TSimd.Load(bias + 6 * TSimd.Width));
            c7 = TSimd.Add(c7, TSimd.Load(bias + 7 * TSimd.Width));
        }

        TSimd.Store(c0, c);
        TSimd.Store(c1, c + TSimd.Width);
        TSimd.Store(c2, c + 2 * TSimd.Width);
        TSimd.Store(c3, c + 3 * TSimd.Width);
        TSimd.Store(c4, c + 4 * TSimd.Width);
        TSimd.Store(c5, c + 5 * TSimd.Width);
        TSimd.Store(c6, c + 6 * TSimd.Width);
        TSimd.Store(c7, c + 7 * TSimd.Width);
    }

    /// <summary>
    /// One row and sixteen registers of columns, for processors with 32 registers: B passes in longer runs, as it lies. Sums in the same order as <see cref="Run"/>.
    /// </summary>
    [MethodImpl(KernelMethod.Options)]
    public static void RunLongRow<TSimd, TVector>(float* a, nint columnStride, float* b, nint rowStride, int depth, float* bias, float* c)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector c0 = TSimd.Zero, c1 = TSimd.Zero, c2 = TSimd.Zero, c3 = TSimd.Zero, c4 = TSimd.Zero, c5 = TSimd.Zero, c6 = TSimd.Zero, c7 = TSimd.Zero;
        TVector c8 = TSimd.Zero, c9 = TSimd.Zero, ca = TSimd.Zero, cb = TSimd.Zero, cc = TSimd.Zero, cd = TSimd.Zero, ce = TSimd.Zero, cf = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            TVector value = TSimd.Broadcast(*a);
            c0 = TSimd.MultiplyAdd(value, TSimd.Load(b), c0);
            c1 = TSimd.MultiplyAdd(value, TSimd.Load(b + TSimd.Width), c1);
            c2 = TSimd.MultiplyAdd(value, TSimd.Load(b + 2 * TSimd.Width), c2);
            c3 = TSimd.MultiplyAdd(value, TSimd.Load(b + 3 * TSimd.Width), c3);
            c4 = TSimd.MultiplyAdd(value, TSimd.Load(b + 4 * TSimd.Width), c4);
            c5 = TSimd.MultiplyAdd(value, TSimd.Load(b + 5 * TSimd.Width), c5);
            c6 = TSimd.MultiplyAdd(value, TSimd.Load(b + 6 * TSimd.Width), c6);
            c7 = TSimd.MultiplyAdd(value, TSimd.Load(b + 7 * TSimd.Width), c7);
            c8 = TSimd.MultiplyAdd(value, TSimd.Load(b + 8 * TSimd.Width), c8);
            c9 = TSimd.MultiplyAdd(value, TSimd.Load(b + 9 * TSimd.Width), c9);
            ca = TSimd.MultiplyAdd(value, TSimd.Load(b + 10 * TSimd.Width), ca);
            cb = TSimd.MultiplyAdd(value, TSimd.Load(b + 11 * TSimd.Width), cb);
            cc = TSimd.MultiplyAdd(value, TSimd.Load(b + 12 * TSimd.Width), cc);
            cd = TSimd.MultiplyAdd(value, TSimd.Load(b + 13 * TSimd.Width), cd);
            ce = TSimd.MultiplyAdd(value, TSimd.Load(b + 14 * TSimd.Width), ce);
            cf = TSimd.MultiplyAdd(value, TSimd.Load(b + 15 * TSimd.Width), cf);
            a += columnStride;
            b += rowStride;
        }

        TSimd.Store(bias == null ? c0 : TSimd.Add(c0, TSimd.Load(bias)), c);
        TSimd.Store(bias == null ? c1 : TSimd.Add(c1, TSimd.Load(bias + TSimd.Width)), c + TSimd.Width);
        TSimd.Store(bias == null ? c2 : TSimd.Add(c2, TSimd.Load(bias + 2 * TSimd.Width)), c + 2 * TSimd.Width);
        TSimd.Store(bias == null ? c3 : TSimd.Add(c3, TSimd.Load(bias + 3 * TSimd.Width)), c + 3 * TSimd.Width);
        TSimd.Store(bias == null ? c4 : TSimd.Add(c4, TSimd.Load(bias + 4 * TSimd.Width)), c + 4 * TSimd.Width);
        TSimd.Store(bias == null ? c5 : TSimd.Add(c5, TSimd.Load(bias + 5 * TSimd.Width)), c + 5 * TSimd.Width);
        TSimd.Store(bias == null ? c6 : TSimd.Add(c6, TSimd.Load(bias + 6 * TSimd.Width)), c + 6 * TSimd.Width);
        TSimd.Store(bias == null ? c7 : TSimd.Add(c7, TSimd.Load(bias + 7 * TSimd.Width)), c + 7 * TSimd.Width);
        TSimd.Store(bias == null ? c8 : TSimd.Add(c8, TSimd.Load(bias + 8 * TSimd.Width)), c + 8 * TSimd.Width);
        TSimd.Store(bias == null ? c9 : TSimd.Add(c9, TSimd.Load(bias + 9 * TSimd.Width)), c + 9 * TSimd.Width);
        TSimd.Store(bias == null ? ca : TSimd.Add(ca, TSimd.Load(bias + 10 * TSimd.Width)), c + 10 * TSimd.Width);
        TSimd.Store(bias == null ? cb : TSimd.Add(cb, TSimd.Load(bias + 11 * TSimd.Width)), c + 11 * TSimd.Width);
        TSimd.Store(bias == null ? cc : TSimd.Add(cc, TSimd.Load(bias + 12 * TSimd.Width)), c + 12 * TSimd.Width);
        TSimd.Store(bias == null ? cd : TSimd.Add(cd, TSimd.Load(bias + 13 * TSimd.Width)), c + 13 * TSimd.Width);
        TSimd.Store(bias == null ? ce : TSimd.Add(ce, TSimd.Load(bias + 14 * TSimd.Width)), c + 14 * TSimd.Width);
        TSimd.Store(bias == null ? cf : TSimd.Add(cf, TSimd.Load(bias + 15 * TSimd.Width)), c + 15 * TSimd.Width);
    }
}
