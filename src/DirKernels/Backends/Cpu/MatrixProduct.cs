using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// <c>C = A B + bias</c>: the one matrix product behind layers and their gradients. A is read where it lies, with any strides (so a transposed A
/// costs nothing); B is packed once into panels as wide as two registers; the inner kernel keeps 6 x 2 registers of C.
/// </summary>
/// <remarks>
/// Every element of C is summed over k in ascending order in one accumulator, whatever the cut into blocks: the bits do not depend on threads or on
/// the number of rows. Bytes: A and C once per panel of B, B once. Flops: 2 m n k.
/// </remarks>
internal unsafe struct MatrixProduct
{
    /// <summary>Rows of C that the inner kernel keeps in registers.</summary>
    public const int TileRows = 6;

    public float* A;
    public nint ARowStride;
    public nint AColumnStride;
    public float* B;
    public nint BRowStride;
    public nint BColumnStride;
    public float* C;
    public float* Bias;
    public int Rows;
    public int Columns;
    public int Depth;

    /// <summary>Applied to each finished block of rows; <see cref="C"/> keeps the argument when <see cref="Activated"/> is another matrix.</summary>
    public Activation Activation;

    /// <summary>Receives activation(C); may equal C.</summary>
    public float* Activated;

    /// <summary>Columns of a packed panel.</summary>
    public static int PanelWidth => InstructionSet.Bits / 16;

    /// <summary>Runs the product on a team.</summary>
    public void Run(WorkerTeam team)
    {
        switch (InstructionSet.Bits)
        {
            case 512:
                Run<Simd512, Vector512<float>>(team);
                break;
            case 256:
                Run<Simd256, Vector256<float>>(team);
                break;
            default:
                Run<Simd128, Vector128<float>>(team);
                break;
        }
    }

    private void Run<TSimd, TVector>(WorkerTeam team)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int panels = (Columns + PanelWidth - 1) / PanelWidth;
        float* packed = ScratchMemory.Request<float>((long)panels * PanelWidth * Depth);
        bool worthSharing = (long)Rows * Columns * Depth > 128 * 1024;
        var packing = new PackPanelsJob { Product = this, Packed = packed };
        team.Run(ref packing, panels, worthSharing && (long)Columns * Depth > 64 * 1024);

        // At most 16 blocks, none so small that the packed panel is read more often than it is used.
        int blockRows = Math.Max(4 * TileRows, (((Rows + 15) / 16) + TileRows - 1) / TileRows * TileRows);
        var job = new RowBlocksJob<TSimd, TVector> { Product = this, Packed = packed, BlockRows = blockRows };
        team.Run(ref job, (Rows + blockRows - 1) / blockRows, worthSharing);
    }

    private struct PackPanelsJob : IBlockJob
    {
        public MatrixProduct Product;
        public float* Packed;

        public readonly void Run(int panel)
        {
            int width = PanelWidth, first = panel * width;
            int columns = Math.Min(width, Product.Columns - first), depth = Product.Depth;
            float* to = Packed + (long)panel * width * depth;
            float* from = Product.B + first * Product.BColumnStride;
            if (Product.BColumnStride == 1)
            {
                for (int k = 0; k < depth; k++, to += width, from += Product.BRowStride)
                {
                    new ReadOnlySpan<float>(from, columns).CopyTo(new Span<float>(to, columns));
                    new Span<float>(to + columns, width - columns).Clear();
                }

                return;
            }

            for (int j = 0; j < width; j++)
            {
                float* column = from + j * Product.BColumnStride;
                for (int k = 0; k < depth; k++)
                {
                    to[k * width + j] = j < columns ? column[k * Product.BRowStride] : 0;
                }
            }
        }
    }

    private struct RowBlocksJob<TSimd, TVector> : IBlockJob
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        public MatrixProduct Product;
        public float* Packed;
        public int BlockRows;

        public readonly void Run(int block)
        {
            int first = block * BlockRows, end = Math.Min(Product.Rows, first + BlockRows);
            for (int column = 0; column < Product.Columns; column += PanelWidth)
            {
                float* panel = Packed + (long)column * Product.Depth;
                for (int row = first; row < end; row += TileRows)
                {
                    Tile(row, Math.Min(TileRows, end - row), column, panel);
                }
            }

            if (Product.Activation != Activation.Identity || Product.Activated != Product.C)
            {
                long offset = (long)first * Product.Columns;
                ActivationFormula.Apply(Product.Activation, Product.C + offset, Product.Activated + offset, (end - first) * Product.Columns);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Tile(int row, int rows, int column, float* panel)
        {
            int width = TSimd.Width;
            nint stride = Product.AColumnStride;

            // Rows past the edge read the last valid row again; their sums are not stored.
            float* a0 = Product.A + row * Product.ARowStride;
            float* a1 = a0 + Math.Min(1, rows - 1) * Product.ARowStride;
            float* a2 = a0 + Math.Min(2, rows - 1) * Product.ARowStride;
            float* a3 = a0 + Math.Min(3, rows - 1) * Product.ARowStride;
            float* a4 = a0 + Math.Min(4, rows - 1) * Product.ARowStride;
            float* a5 = a0 + Math.Min(5, rows - 1) * Product.ARowStride;
            TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c10 = TSimd.Zero, c11 = TSimd.Zero, c20 = TSimd.Zero, c21 = TSimd.Zero;
            TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c40 = TSimd.Zero, c41 = TSimd.Zero, c50 = TSimd.Zero, c51 = TSimd.Zero;
            nint at = 0;
            for (int k = 0; k < Product.Depth; k++, at += stride, panel += 2 * width)
            {
                TVector b0 = TSimd.Load(panel), b1 = TSimd.Load(panel + width);
                TVector a = TSimd.Broadcast(a0[at]);
                c00 = TSimd.MultiplyAdd(a, b0, c00);
                c01 = TSimd.MultiplyAdd(a, b1, c01);
                a = TSimd.Broadcast(a1[at]);
                c10 = TSimd.MultiplyAdd(a, b0, c10);
                c11 = TSimd.MultiplyAdd(a, b1, c11);
                a = TSimd.Broadcast(a2[at]);
                c20 = TSimd.MultiplyAdd(a, b0, c20);
                c21 = TSimd.MultiplyAdd(a, b1, c21);
                a = TSimd.Broadcast(a3[at]);
                c30 = TSimd.MultiplyAdd(a, b0, c30);
                c31 = TSimd.MultiplyAdd(a, b1, c31);
                a = TSimd.Broadcast(a4[at]);
                c40 = TSimd.MultiplyAdd(a, b0, c40);
                c41 = TSimd.MultiplyAdd(a, b1, c41);
                a = TSimd.Broadcast(a5[at]);
                c50 = TSimd.MultiplyAdd(a, b0, c50);
                c51 = TSimd.MultiplyAdd(a, b1, c51);
            }

            StoreRow(c00, c01, row, column);
            if (rows > 1)
            {
                StoreRow(c10, c11, row + 1, column);
            }

            if (rows > 2)
            {
                StoreRow(c20, c21, row + 2, column);
            }

            if (rows > 3)
            {
                StoreRow(c30, c31, row + 3, column);
            }

            if (rows > 4)
            {
                StoreRow(c40, c41, row + 4, column);
            }

            if (rows > 5)
            {
                StoreRow(c50, c51, row + 5, column);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void StoreRow(TVector left, TVector right, int row, int column)
        {
            int width = TSimd.Width, columns = Product.Columns - column;
            float* to = Product.C + (long)row * Product.Columns + column;
            if (columns >= 2 * width)
            {
                if (Product.Bias != null)
                {
                    left = TSimd.Add(left, TSimd.Load(Product.Bias + column));
                    right = TSimd.Add(right, TSimd.Load(Product.Bias + column + width));
                }

                TSimd.Store(left, to);
                TSimd.Store(right, to + width);
            }
            else
            {
                StorePartialRow(left, right, to, column, columns);
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private readonly void StorePartialRow(TVector left, TVector right, float* to, int column, int columns)
        {
            float* sums = stackalloc float[2 * TSimd.Width];
            TSimd.Store(left, sums);
            TSimd.Store(right, sums + TSimd.Width);
            for (int j = 0; j < columns; j++)
            {
                to[j] = Product.Bias != null ? sums[j] + Product.Bias[column + j] : sums[j];
            }
        }
    }
}
