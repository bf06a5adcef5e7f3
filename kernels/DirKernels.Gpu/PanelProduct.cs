using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Double-precision tiles <c>C -= A B</c> with a depth of one panel: a square group, 4 x 4 sums a thread, panels of 16 steps in shared memory.
/// </summary>
internal static class PanelProduct
{
    /// <summary>Steps of depth in shared memory at a time.</summary>
    public const int Depth = 16;

    /// <summary>Subtracts from one tile.</summary>
    /// <param name="panels">[2 x Depth x tile] of shared memory.</param>
    /// <param name="c">Matrix of the tile.</param>
    /// <param name="a">A(i, k) at <c>i stride + k</c>; only k &lt;= i is read.</param>
    /// <param name="b">B(k, j) at <c>j stride + k</c> if transposed, else at <c>k stride + j</c>; only its lower triangle is read.</param>
    /// <param name="stride">Elements from row to row, of all three.</param>
    /// <param name="row">First row of the tile.</param>
    /// <param name="rowEnd">End of the rows.</param>
    /// <param name="column">First column of the tile.</param>
    /// <param name="columnEnd">End of the columns.</param>
    /// <param name="begin">First step of depth.</param>
    /// <param name="end">End of the depth.</param>
    /// <param name="transposed">Whether B is read by rows j, and only the lower triangle of C is written.</param>
    public static void Subtract<TSide>(
        ArrayView<double> panels, ArrayView<double> c, ArrayView<double> a, ArrayView<double> b, int stride, int row, int rowEnd, int column, int columnEnd, int begin, int end, bool transposed)
        where TSide : struct, ITileSide
    {
        int threads = TSide.Threads * TSide.Threads, tile = 4 * TSide.Threads, second = Depth * tile;
        int tx = Group.IdxX % TSide.Threads, ty = Group.IdxX / TSide.Threads;
        D4 s0 = default, s1 = default, s2 = default, s3 = default;
        for (int k0 = begin; k0 < end; k0 += Depth)
        {
            for (int at = Group.IdxX; at < Depth * tile; at += threads)
            {
                int p = at / Depth, k = k0 + at % Depth, i = row + p;
                panels[(at % Depth) * tile + p] = i < rowEnd && k < end && k <= i ? a[(long)i * stride + k] : 0.0;
                if (transposed)
                {
                    int j = column + p;
                    panels[second + (at % Depth) * tile + p] = j < columnEnd && k < end ? b[(long)j * stride + k] : 0.0;
                }
                else
                {
                    int j = column + at % tile, step = k0 + at / tile;
                    panels[second + at / tile * tile + at % tile] = j < columnEnd && step < end ? b[(long)step * stride + j] : 0.0;
                }
            }

            Group.Barrier();
            for (int k = 0; k < Depth; k++)
            {
                // Four rows and columns a thread, a quarter of the tile apart: neighbours read neighbouring words.
                int left = k * tile + ty, right = second + k * tile + tx;
                var v = new D4
                {
                    X = panels[right],
                    Y = panels[right + TSide.Threads],
                    Z = panels[right + 2 * TSide.Threads],
                    W = panels[right + 3 * TSide.Threads],
                };
                s0.AddProduct(panels[left], v);
                s1.AddProduct(panels[left + TSide.Threads], v);
                s2.AddProduct(panels[left + 2 * TSide.Threads], v);
                s3.AddProduct(panels[left + 3 * TSide.Threads], v);
            }

            Group.Barrier();
        }

        SubtractRow(c, stride, row + ty, rowEnd, column + tx, columnEnd, TSide.Threads, transposed, s0);
        SubtractRow(c, stride, row + ty + TSide.Threads, rowEnd, column + tx, columnEnd, TSide.Threads, transposed, s1);
        SubtractRow(c, stride, row + ty + 2 * TSide.Threads, rowEnd, column + tx, columnEnd, TSide.Threads, transposed, s2);
        SubtractRow(c, stride, row + ty + 3 * TSide.Threads, rowEnd, column + tx, columnEnd, TSide.Threads, transposed, s3);
    }

    private static void SubtractRow(ArrayView<double> c, int stride, int row, int rowEnd, int column, int columnEnd, int step, bool lower, in D4 sum)
    {
        if (row < rowEnd)
        {
            SubtractOne(c, stride, row, column, columnEnd, lower, sum.X);
            SubtractOne(c, stride, row, column + step, columnEnd, lower, sum.Y);
            SubtractOne(c, stride, row, column + 2 * step, columnEnd, lower, sum.Z);
            SubtractOne(c, stride, row, column + 3 * step, columnEnd, lower, sum.W);
        }
    }

    private static void SubtractOne(ArrayView<double> c, int stride, int row, int column, int columnEnd, bool lower, double sum)
    {
        if (column < columnEnd && (!lower || column <= row))
        {
            c[(long)row * stride + column] -= sum;
        }
    }

    /// <summary>Four sums of one row.</summary>
    private struct D4
    {
        public double X;
        public double Y;
        public double Z;
        public double W;

        public void AddProduct(double a, in D4 b)
        {
            X += a * b.X;
            Y += a * b.Y;
            Z += a * b.Z;
            W += a * b.W;
        }
    }
}
