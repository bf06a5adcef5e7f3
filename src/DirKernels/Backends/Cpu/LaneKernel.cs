using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// The inner kernels of <see cref="LaneFactor"/>: four by four elements of as many matrices as a register has lanes. An element is one register wide, so that nothing crosses
/// lanes and small matrices need no panels.
/// </summary>
internal static unsafe class LaneKernel
{
    /// <summary>Rows and columns of a tile.</summary>
    public const int Tile = 4;

    /// <summary><c>C -= A B</c> of one tile. All strides are in elements of memory.</summary>
    /// <param name="c">The tile.</param>
    /// <param name="rowStride">From row to row of C and of A.</param>
    /// <param name="a">First of four rows, [depth] each, element by element.</param>
    /// <param name="b">First element of B [depth x 4].</param>
    /// <param name="depthStride">From row to row of B.</param>
    /// <param name="columnStride">From column to column of B.</param>
    /// <param name="depth">Columns of A.</param>
    public static void SubtractProduct<TSimd, TVector>(double* c, nint rowStride, double* a, double* b, nint depthStride, nint columnStride, int depth)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        if (TSimd.Width == 8)
        {
            SubtractFour<TSimd, TVector>(c, rowStride, a, b, depthStride, columnStride, depth);
            return;
        }

        // Sixteen registers hold eight sums and their factors.
        SubtractTwo<TSimd, TVector>(c, rowStride, a, b, depthStride, columnStride, depth);
        SubtractTwo<TSimd, TVector>(c + 2 * TSimd.Width, rowStride, a, b + 2 * columnStride, depthStride, columnStride, depth);
    }

    /// <summary>
    /// Solves <c>X T = C</c> for four rows by substitution, T triangular and four wide; C is replaced by X.
    /// </summary>
    /// <param name="c">The tile.</param>
    /// <param name="rowStride">From row to row of C.</param>
    /// <param name="t">First element of T.</param>
    /// <param name="tRowStride">From row to row of T.</param>
    /// <param name="tColumnStride">From column to column of T.</param>
    /// <param name="inverses">[4] inverses of T's diagonal.</param>
    /// <param name="ascending">True for upper T, solved from the left column; false for lower T, from the right.</param>
    [MethodImpl(KernelMethod.Options)]
    public static void Substitute<TSimd, TVector>(double* c, nint rowStride, double* t, nint tRowStride, nint tColumnStride, double* inverses, bool ascending)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        // Columns in the order of the substitution: 0 is solved first, 3 last.
        int first = ascending ? 0 : Tile - 1, step = ascending ? 1 : -1;
        int p0 = first, p1 = first + step, p2 = first + 2 * step, p3 = first + 3 * step;
        TVector t01 = Negative<TSimd, TVector>(t + p0 * tRowStride + p1 * tColumnStride), t02 = Negative<TSimd, TVector>(t + p0 * tRowStride + p2 * tColumnStride);
        TVector t03 = Negative<TSimd, TVector>(t + p0 * tRowStride + p3 * tColumnStride), t12 = Negative<TSimd, TVector>(t + p1 * tRowStride + p2 * tColumnStride);
        TVector t13 = Negative<TSimd, TVector>(t + p1 * tRowStride + p3 * tColumnStride), t23 = Negative<TSimd, TVector>(t + p2 * tRowStride + p3 * tColumnStride);
        TVector i0 = TSimd.Load(inverses + p0 * TSimd.Width), i1 = TSimd.Load(inverses + p1 * TSimd.Width);
        TVector i2 = TSimd.Load(inverses + p2 * TSimd.Width), i3 = TSimd.Load(inverses + p3 * TSimd.Width);
        double* c0 = c + p0 * TSimd.Width, c1 = c + p1 * TSimd.Width, c2 = c + p2 * TSimd.Width, c3 = c + p3 * TSimd.Width;
        for (int row = 0; row < Tile; row++, c0 += rowStride, c1 += rowStride, c2 += rowStride, c3 += rowStride)
        {
            TVector x0 = TSimd.Multiply(TSimd.Load(c0), i0);
            TVector x1 = TSimd.Multiply(TSimd.MultiplyAdd(x0, t01, TSimd.Load(c1)), i1);
            TVector x2 = TSimd.Multiply(TSimd.MultiplyAdd(x1, t12, TSimd.MultiplyAdd(x0, t02, TSimd.Load(c2))), i2);
            TVector x3 = TSimd.Multiply(TSimd.MultiplyAdd(x2, t23, TSimd.MultiplyAdd(x1, t13, TSimd.MultiplyAdd(x0, t03, TSimd.Load(c3)))), i3);
            TSimd.Store(x0, c0);
            TSimd.Store(x1, c1);
            TSimd.Store(x2, c2);
            TSimd.Store(x3, c3);
        }
    }

    /// <summary>
    /// Factorises a symmetric tile, <c>S = L L^T</c>, whose lower triangle is read; what lies above the diagonal becomes 0.
    /// </summary>
    /// <param name="s">The tile.</param>
    /// <param name="rowStride">From row to row.</param>
    /// <param name="smallest">[4] a pivot no larger fails.</param>
    /// <param name="inverses">[4] receives 1 / L[j, j].</param>
    /// <returns>The lanes whose pivots fail, one bit each; they go on with a pivot of 1.</returns>
    [MethodImpl(KernelMethod.Options)]
    public static int Factor<TSimd, TVector>(double* s, nint rowStride, double* smallest, double* inverses)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        int failed = 0;
        for (int j = 0; j < Tile; j++)
        {
            double* column = s + j * rowStride + j * TSimd.Width;
            for (int lane = 0; lane < TSimd.Width; lane++)
            {
                double pivot = column[lane];
                if (!(pivot > smallest[j * TSimd.Width + lane]) || !double.IsFinite(pivot))
                {
                    failed |= 1 << lane;
                    pivot = 1;
                }

                double root = Math.Sqrt(pivot);
                column[lane] = root;
                inverses[j * TSimd.Width + lane] = 1 / root;
            }

            TVector inverse = TSimd.Load(inverses + j * TSimd.Width);
            for (int i = j + 1; i < Tile; i++)
            {
                double* below = column + (i - j) * rowStride;
                TSimd.Store(TSimd.Multiply(TSimd.Load(below), inverse), below);
                TSimd.Store(TSimd.Zero, column + (i - j) * TSimd.Width);
            }

            for (int i = j + 1; i < Tile; i++)
            {
                TVector factor = Negative<TSimd, TVector>(column + (i - j) * rowStride);
                for (int m = j + 1; m <= i; m++)
                {
                    double* to = s + i * rowStride + m * TSimd.Width;
                    TSimd.Store(TSimd.MultiplyAdd(factor, TSimd.Load(column + (m - j) * rowStride), TSimd.Load(to)), to);
                }
            }
        }

        return failed;
    }

    private static TVector Negative<TSimd, TVector>(double* source)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged => TSimd.Subtract(TSimd.Zero, TSimd.Load(source));

    [MethodImpl(KernelMethod.Options)]
    private static void SubtractFour<TSimd, TVector>(double* c, nint rowStride, double* a, double* b, nint depthStride, nint columnStride, int depth)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero, c03 = TSimd.Zero, c10 = TSimd.Zero, c11 = TSimd.Zero, c12 = TSimd.Zero, c13 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c22 = TSimd.Zero, c23 = TSimd.Zero, c30 = TSimd.Zero, c31 = TSimd.Zero, c32 = TSimd.Zero, c33 = TSimd.Zero;
        double* a2 = a + 2 * rowStride, b2 = b + 2 * columnStride;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + columnStride), b2k = TSimd.Load(b2), b3 = TSimd.Load(b2 + columnStride);
            TVector value = TSimd.Load(a);
            c00 = TSimd.MultiplyAdd(value, b0, c00);
            c01 = TSimd.MultiplyAdd(value, b1, c01);
            c02 = TSimd.MultiplyAdd(value, b2k, c02);
            c03 = TSimd.MultiplyAdd(value, b3, c03);
            value = TSimd.Load(a + rowStride);
            c10 = TSimd.MultiplyAdd(value, b0, c10);
            c11 = TSimd.MultiplyAdd(value, b1, c11);
            c12 = TSimd.MultiplyAdd(value, b2k, c12);
            c13 = TSimd.MultiplyAdd(value, b3, c13);
            value = TSimd.Load(a2);
            c20 = TSimd.MultiplyAdd(value, b0, c20);
            c21 = TSimd.MultiplyAdd(value, b1, c21);
            c22 = TSimd.MultiplyAdd(value, b2k, c22);
            c23 = TSimd.MultiplyAdd(value, b3, c23);
            value = TSimd.Load(a2 + rowStride);
            c30 = TSimd.MultiplyAdd(value, b0, c30);
            c31 = TSimd.MultiplyAdd(value, b1, c31);
            c32 = TSimd.MultiplyAdd(value, b2k, c32);
            c33 = TSimd.MultiplyAdd(value, b3, c33);
            a += TSimd.Width;
            a2 += TSimd.Width;
            b += depthStride;
            b2 += depthStride;
        }

        TriangularKernel.SubtractPair<TSimd, TVector>(c, c00, c01);
        TriangularKernel.SubtractPair<TSimd, TVector>(c + 2 * TSimd.Width, c02, c03);
        c += rowStride;
        TriangularKernel.SubtractPair<TSimd, TVector>(c, c10, c11);
        TriangularKernel.SubtractPair<TSimd, TVector>(c + 2 * TSimd.Width, c12, c13);
        c += rowStride;
        TriangularKernel.SubtractPair<TSimd, TVector>(c, c20, c21);
        TriangularKernel.SubtractPair<TSimd, TVector>(c + 2 * TSimd.Width, c22, c23);
        c += rowStride;
        TriangularKernel.SubtractPair<TSimd, TVector>(c, c30, c31);
        TriangularKernel.SubtractPair<TSimd, TVector>(c + 2 * TSimd.Width, c32, c33);
    }

    [MethodImpl(KernelMethod.Options)]
    private static void SubtractTwo<TSimd, TVector>(double* c, nint rowStride, double* a, double* b, nint depthStride, nint columnStride, int depth)
        where TSimd : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c10 = TSimd.Zero, c11 = TSimd.Zero, c20 = TSimd.Zero, c21 = TSimd.Zero, c30 = TSimd.Zero, c31 = TSimd.Zero;
        double* a2 = a + 2 * rowStride;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + columnStride);
            TVector value = TSimd.Load(a);
            c00 = TSimd.MultiplyAdd(value, b0, c00);
            c01 = TSimd.MultiplyAdd(value, b1, c01);
            value = TSimd.Load(a + rowStride);
            c10 = TSimd.MultiplyAdd(value, b0, c10);
            c11 = TSimd.MultiplyAdd(value, b1, c11);
            value = TSimd.Load(a2);
            c20 = TSimd.MultiplyAdd(value, b0, c20);
            c21 = TSimd.MultiplyAdd(value, b1, c21);
            value = TSimd.Load(a2 + rowStride);
            c30 = TSimd.MultiplyAdd(value, b0, c30);
            c31 = TSimd.MultiplyAdd(value, b1, c31);
            a += TSimd.Width;
            a2 += TSimd.Width;
            b += depthStride;
        }

        TriangularKernel.SubtractPair<TSimd, TVector>(c, c00, c01);
        TriangularKernel.SubtractPair<TSimd, TVector>(c + rowStride, c10, c11);
        TriangularKernel.SubtractPair<TSimd, TVector>(c + 2 * rowStride, c20, c21);
        TriangularKernel.SubtractPair<TSimd, TVector>(c + 3 * rowStride, c30, c31);
    }
}
