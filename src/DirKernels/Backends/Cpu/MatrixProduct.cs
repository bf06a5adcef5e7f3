using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// <c>C = A B + bias</c>: the one matrix product behind layers and their gradients. A is read where it lies, with any strides (so a transposed A
/// costs nothing); B is packed once into panels as wide as two registers; the inner kernel keeps 6 x 2 registers of C, 6 x 4 where there
/// are 32.
/// </summary>
/// <remarks>
/// Every element of C is summed over k in one order, ascending but for <see cref="TurnedDepth"/>, in one accumulator, whatever the cut into blocks: the bits do not depend on threads or on
/// the number of rows. Bytes: A and C once per panel of B, B once. Flops: 2 m n k.
/// </remarks>
internal unsafe struct MatrixProduct
{
    /// <summary>Rows of C that the inner kernel keeps in registers.</summary>
    public const int TileRows = 6;

    /// <summary>Rows of a tile where six are too many.</summary>
    private const int FewerRows = 4;

    /// <summary>Multiply-adds, a few microseconds of one core, below which a product is not shared.</summary>
    private const long WorthSharing = 300 * 1024;

    /// <summary>Rows of A that stay in the second-level cache while one panel after the other passes them.</summary>
    private const int MostRowsByPanels = 384;

    /// <summary>Elements of B below which one thread packs it.</summary>
    private const long WorthSharingPacking = 64 * 1024;

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

    /// <summary>Whether the product is added to what C holds, each element once its sum is finished.</summary>
    public bool Adds;

    /// <summary>Behind the last row of C for another core: tiles of six and of four such rows are stored past the caches, where the columns are whole panels; 0 for none.</summary>
    public int EndAround;

    /// <summary>
    /// Last columns of A, and rows of B, that are taken in descending order. What lies behind them belongs to another core: a processor that sees a constant distance from column to column fetches
    /// some columns ahead of the last one too, and the other core would have to ask for those lines again before it writes them.
    /// </summary>
    public int TurnedDepth;

    /// <summary>Applied to each finished block of rows; <see cref="C"/> keeps the argument when <see cref="Activated"/> is another matrix.</summary>
    public Activation Activation;

    /// <summary>Receives activation(C); may equal C.</summary>
    public float* Activated;

    /// <summary>Columns of a packed panel.</summary>
    public static int PanelWidth => InstructionSet.Bits / 16;

    /// <summary>Whether B can be multiplied with where it lies: rows of whole panels.</summary>
    public readonly bool ReadsInPlace => BColumnStride == 1 && Columns % PanelWidth == 0;

    /// <summary>Elements of B in packed panels.</summary>
    public readonly long PackedLength => (long)Panels * PanelWidth * Depth;

    /// <summary>Panels that a tile covers: two with 32 registers.</summary>
    public static int PanelsOfTile => InstructionSet.Bits == 512 ? 2 : 1;

    /// <summary>Panels of B, the last of which may be filled in part.</summary>
    public readonly int Panels => (Columns + PanelWidth - 1) / PanelWidth;

    /// <summary>Packs B into <see cref="PackedLength"/> elements.</summary>
    public readonly void Pack(float* packed) => Pack(packed, 0, Panels);

    /// <summary>Packs some panels of B to where they lie among <see cref="PackedLength"/> elements.</summary>
    public readonly void Pack(float* packed, int first, int end)
    {
        var job = new PackPanelsJob { Product = this, Packed = packed };
        for (int panel = first; panel < end; panel++)
        {
            job.Run(panel);
        }
    }

    /// <summary>The same, shared by a team.</summary>
    public readonly void Pack(float* packed, WorkerTeam team, bool worthSharing)
    {
        var job = new PackPanelsJob { Product = this, Packed = packed };
        team.Run(ref job, Panels, worthSharing && (long)Columns * Depth > WorthSharingPacking);
    }

    /// <summary>Runs the product on the calling thread, without scratch memory.</summary>
    /// <param name="packed">B as <see cref="Pack(float*)"/> leaves it; null to read it where it lies, which requires <see cref="ReadsInPlace"/>.</param>
    public readonly void RunAlone(float* packed)
    {
        switch (InstructionSet.Bits)
        {
            case 512:
                new RowBlocksJob<Simd512, Vector512<float>> { Product = this, Packed = packed, BlockRows = Rows }.Run(0);
                break;
            case 256:
                new RowBlocksJob<Simd256, Vector256<float>> { Product = this, Packed = packed, BlockRows = Rows }.Run(0);
                break;
            default:
                new RowBlocksJob<Simd128, Vector128<float>> { Product = this, Packed = packed, BlockRows = Rows }.Run(0);
                break;
        }
    }

    /// <summary>Computes the columns of some panels of C on the calling thread, activation included.</summary>
    /// <param name="packed">B as <see cref="Pack(float*)"/> leaves it, of which the other panels are not looked at; null to read it where it lies, which requires <see cref="ReadsInPlace"/>.</param>
    /// <param name="first">First panel.</param>
    /// <param name="end">Behind the last panel.</param>
    public readonly void RunPanels(float* packed, int first, int end)
    {
        switch (InstructionSet.Bits)
        {
            case 512:
                new RowBlocksJob<Simd512, Vector512<float>> { Product = this, Packed = packed }.RunPanels(first, end);
                break;
            case 256:
                new RowBlocksJob<Simd256, Vector256<float>> { Product = this, Packed = packed }.RunPanels(first, end);
                break;
            default:
                new RowBlocksJob<Simd128, Vector128<float>> { Product = this, Packed = packed }.RunPanels(first, end);
                break;
        }
    }

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
        // A few microseconds of one core: less is not worth waking a worker for.
        bool worthSharing = (long)Rows * Columns * Depth > WorthSharing;
        if (BColumnStride == 1 && FewRowsKernel.IsFor(Rows, Columns, Depth))
        {
            RunFewRows<TSimd, TVector>(team, worthSharing);
            return;
        }

        if (Rows < TileRows && BColumnStride == 1)
        {
            // Packing reads B once: as much as so few rows do with it.
            new RowBlocksJob<TSimd, TVector> { Product = this }.RunUnpacked();
            return;
        }

        int panels = Panels;
        float* packed = ScratchMemory.Request<float>(PackedLength);

        // At most 16 blocks, none so small that the packed panel is read more often than it is used.
        int blockRows = Math.Max(4 * TileRows, (((Rows + 15) / 16) + TileRows - 1) / TileRows * TileRows), blocks = (Rows + blockRows - 1) / blockRows;
        var packing = new PackPanelsJob { Product = this, Packed = packed };
        var job = new RowBlocksJob<TSimd, TVector> { Product = this, Packed = packed, BlockRows = blockRows };
        int strips = (panels + PanelsOfTile - 1) / PanelsOfTile;
        if (worthSharing && Rows <= MostRowsByPanels && Balance(strips, team.Size) >= Balance(blocks, team.Size))
        {
            var both = new StripsJob<TSimd, TVector> { Packing = packing, Rows = job };
            team.Run(ref both, strips, worthSharing);
            return;
        }

        Pack(packed, team, worthSharing);
        team.Run(ref job, blocks, worthSharing);
    }

    // Apart, since what lies on the stack is cleared at each call.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void RunFewRows<TSimd, TVector>(WorkerTeam team, bool worthSharing)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        var job = new FewRowsJob<TSimd, TVector> { Rows = new RowBlocksJob<TSimd, TVector> { Product = this }, Blocks = worthSharing ? Math.Min(team.Size, Panels) : 1 };
        team.Run(ref job, job.Blocks, worthSharing);
    }

    /// <summary>The share of the threads' time that blocks of equal work fill.</summary>
    private static double Balance(int blocks, int threads) => threads == 1 ? 0 : blocks / ((blocks + threads - 1) / threads * (double)threads);

    /// <summary>Packs the panels that a tile covers and multiplies all rows with them: for products of few rows, which would make few blocks of rows.</summary>
    private struct StripsJob<TSimd, TVector> : IBlockJob
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        public PackPanelsJob Packing;
        public RowBlocksJob<TSimd, TVector> Rows;

        public readonly void Run(int strip)
        {
            int first = strip * PanelsOfTile, end = Math.Min(first + PanelsOfTile, Rows.Product.Panels);
            for (int panel = first; panel < end; panel++)
            {
                Packing.Run(panel);
            }

            Rows.RunPanels(first, end);
        }
    }

    /// <summary>Few rows: each block reads columns of its own, which stay in the caches of the thread that has them.</summary>
    private struct FewRowsJob<TSimd, TVector> : IBlockJob
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        public RowBlocksJob<TSimd, TVector> Rows;
        public int Blocks;

        public readonly void Run(int block)
        {
            int panels = Rows.Product.Panels;
            Rows.RunFewRows(WorkerTeam.FirstOfShare(panels, block, Blocks), WorkerTeam.FirstOfShare(panels, block + 1, Blocks));
        }
    }

    private struct RowBlocksJob<TSimd, TVector> : IBlockJob
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        public MatrixProduct Product;
        public float* Packed;
        public int BlockRows;

        private readonly bool HasActivation => Product.Activation != Activation.Identity || Product.Activated != Product.C;

        /// <summary>Whether tiles leave the values of the activation where they would leave its arguments.</summary>
        private readonly bool TilesActivate => Product.Activation == Activation.Relu && Product.Activated == Product.C && !Product.Adds && Product.EndAround == 0;

        public readonly void Run(int block)
        {
            int first = block * BlockRows, end = Math.Min(Product.Rows, first + BlockRows);
            Tiles(first, end, 0, Product.Panels);
            if (!TilesActivate)
            {
                Activate(first, end);
            }
        }

        /// <summary>All rows of some panels.</summary>
        public readonly void RunPanels(int firstPanel, int endPanel)
        {
            Tiles(0, Product.Rows, firstPanel, endPanel);
            if (!TilesActivate)
            {
                int column = firstPanel * PanelWidth;
                ActivatePanels(column, Math.Min(endPanel * PanelWidth, Product.Columns) - column);
            }
        }

        private readonly void ActivatePanels(int column, int columns)
        {
            if (HasActivation)
            {
                ActivationFormula.Apply(Product.Activation, Product.C + column, Product.Activated + column, Product.Rows, columns, Product.Columns);
            }
        }

        public readonly void RunUnpacked()
        {
            int wide = 8 * TSimd.Width, column = 0;
            for (; TSimd.Width == 16 && column <= Product.Columns - 2 * wide; column += 2 * wide)
            {
                MultiplyRows(column, isLong: true);
            }

            for (; column <= Product.Columns - wide; column += wide)
            {
                MultiplyRows(column, isLong: false);
            }

            // What is left may still fill eight narrower registers; an element's sum is the same in either.
            for (; TSimd.Width == 16 && column <= Product.Columns - wide / 2; column += wide / 2)
            {
                new RowBlocksJob<Simd256, Vector256<float>> { Product = Product }.MultiplyRows(column, isLong: false);
            }

            for (; column <= Product.Columns - PanelWidth; column += PanelWidth)
            {
                Tiles(0, Product.Rows, column, Product.B + column, Product.BRowStride, nextPanel: 0, panels: 1);
            }

            if (column < Product.Columns)
            {
                MultiplyLastPanel(column);
            }

            Activate(0, Product.Rows);
        }

        /// <summary>All rows of some panels, by the kernel of few rows.</summary>
        public readonly void RunFewRows(int firstPanel, int endPanel)
        {
            int column = firstPanel * PanelWidth, end = Math.Min(endPanel * PanelWidth, Product.Columns), whole = end / PanelWidth * PanelWidth;
            FewRowsKernel.Run<TSimd, TVector>(Product, column, whole);
            if (whole < end)
            {
                MultiplyLastPanel(whole);
            }

            ActivatePanels(column, end - column);
        }

        // Columns that fill no panel.
        private readonly void MultiplyLastPanel(int column)
        {
            float* packed = ScratchMemory.Request<float>((long)PanelWidth * Product.Depth);
            var packing = new PackPanelsJob { Product = Product, Packed = packed - (long)column * Product.Depth };
            packing.Run(column / PanelWidth);
            Tiles(0, Product.Rows, column, packed, PanelWidth, nextPanel: 0, panels: 1);
        }

        public readonly void MultiplyRows(int column, bool isLong)
        {
            float* b = Product.B + column, bias = Product.Bias == null ? null : Product.Bias + column;
            for (int row = 0; row < Product.Rows; row++)
            {
                float* a = Product.A + row * Product.ARowStride, c = Product.C + (long)row * Product.Columns + column;
                if (isLong)
                {
                    TileKernel.RunLongRow<TSimd, TVector>(a, Product.AColumnStride, b, Product.BRowStride, Product.Depth, bias, c);
                }
                else
                {
                    TileKernel.RunRow<TSimd, TVector>(a, Product.AColumnStride, b, Product.BRowStride, Product.Depth, bias, c);
                }
            }
        }

        private readonly void Activate(int first, int end)
        {
            if (HasActivation)
            {
                long offset = (long)first * Product.Columns;
                ActivationFormula.Apply(Product.Activation, Product.C + offset, Product.Activated + offset, (end - first) * Product.Columns);
            }
        }

        private readonly void Tiles(int first, int end, int panel, int endPanel)
        {
            bool packed = Packed != null;
            nint stride = packed ? PanelWidth : Product.BRowStride, next = packed ? (nint)PanelWidth * Product.Depth : PanelWidth;
            for (int panels; panel < endPanel; panel += panels)
            {
                int column = panel * PanelWidth;
                panels = TSimd.Width == 16 && panel + 2 <= endPanel && column + 2 * PanelWidth <= Product.Columns ? 2 : 1;
                Tiles(first, end, column, (packed ? Packed : Product.B) + panel * next, stride, next, panels);
            }
        }

        private readonly void Tiles(int first, int end, int column, float* panel, nint panelStride, nint nextPanel, int panels)
        {
            // One row or two behind the last whole tile take as long as four: it and they make two tiles of four.
            int rest = (end - first) % TileRows, row = first;
            int whole = rest is 1 or 2 && end - first > TileRows ? end - TileRows - rest : end - rest;
            for (; row < whole; row += TileRows)
            {
                Tile(row, TileRows, column, panel, panelStride, nextPanel, panels);
            }

            if (end - row == TileRows - 1 && row > first)
            {
                // A whole tile that computes a row again takes less time than two.
                Tile(end - TileRows, TileRows, column, panel, panelStride, nextPanel, panels, skipped: 1);
                return;
            }

            for (; row <= end - FewerRows; row += FewerRows)
            {
                Tile(row, FewerRows, column, panel, panelStride, nextPanel, panels);
            }

            if (row < end)
            {
                Tile(row, end - row, column, panel, panelStride, nextPanel, panels);
            }
        }

        private readonly void Tile(int row, int rows, int column, float* panel, nint panelStride, nint nextPanel, int panels, int skipped = 0)
        {
            if (Product.Adds)
            {
                Tile<AddingStore>(row, rows, column, panel, panelStride, nextPanel, panels, skipped);
            }
            else if (rows >= FewerRows && row + rows <= Product.EndAround)
            {
                Tile<StoreAround>(row, rows, column, panel, panelStride, nextPanel, panels, skipped);
            }
            else if (TilesActivate)
            {
                Tile<ReluStore>(row, rows, column, panel, panelStride, nextPanel, panels, skipped);
            }
            else
            {
                Tile<ReplacingStore>(row, rows, column, panel, panelStride, nextPanel, panels, skipped);
            }
        }

        /// <summary>A tile that may cover two whole panels.</summary>
        private readonly void Tile<TStore>(int row, int rows, int column, float* panel, nint panelStride, nint nextPanel, int panels, int skipped)
            where TStore : struct, ITileStore
        {
            if (panels == 2 && rows == TileRows)
            {
                float* a = Product.A + row * Product.ARowStride, to = Product.C + (long)row * Product.Columns + column;
                float* bias = Product.Bias == null ? null : Product.Bias + column;
                TileKernel.RunWide<TSimd, TVector, TStore>(a, Product.ARowStride, Product.AColumnStride, panel, nextPanel, panelStride, Product.Depth, bias, to, Product.Columns, skipped, Product.TurnedDepth);
                return;
            }

            for (int p = 0; p < panels; p++)
            {
                OnePanel<TStore>(row, rows, column + p * PanelWidth, panel + p * nextPanel, panelStride, skipped);
            }
        }

        private readonly void OnePanel<TStore>(int row, int rows, int column, float* panel, nint panelStride, int skipped)
            where TStore : struct, ITileStore
        {
            int width = TSimd.Width, columns = Math.Min(2 * width, Product.Columns - column);
            if (rows == TileRows && columns == 2 * width)
            {
                float* a = Product.A + row * Product.ARowStride, to = Product.C + (long)row * Product.Columns + column;
                float* bias = Product.Bias == null ? null : Product.Bias + column;
                TileKernel.Run<TSimd, TVector, TStore>(a, Product.ARowStride, Product.AColumnStride, panel, panelStride, Product.Depth, bias, to, Product.Columns, skipped, Product.TurnedDepth);
            }
            else if (rows == FewerRows && columns == 2 * width)
            {
                float* a = Product.A + row * Product.ARowStride, to = Product.C + (long)row * Product.Columns + column;
                float* bias = Product.Bias == null ? null : Product.Bias + column;
                nint stride = Product.ARowStride;
                TileKernel.RunFour<TSimd, TVector, TStore>(
                    a, stride, 2 * stride, 3 * stride, Product.AColumnStride, panel, panelStride, Product.Depth, bias, to, Product.Columns, Product.TurnedDepth);
            }
            else
            {
                EdgeTile(row, rows, column, columns, panel, panelStride, skipped);
            }
        }

        // At the edges the same kernel works on whole tiles beside the matrix: rows past the edge repeat the last one. Apart, since memory on the stack is cleared at each call.
        [MethodImpl(MethodImplOptions.NoInlining)]
        private readonly void EdgeTile(int row, int rows, int column, int columns, float* panel, nint panelStride, int skipped)
        {
            row += skipped;
            rows -= skipped;
            int width = TSimd.Width;
            float* a = Product.A + row * Product.ARowStride;
            float* bias = Product.Bias == null ? null : Product.Bias + column;
            float* to = Product.C + (long)row * Product.Columns + column;
            float* sums = stackalloc float[2 * FewerRows * 2 * width];
            float* paddedBias = stackalloc float[2 * width];
            for (int j = 0; bias != null && j < 2 * width; j++)
            {
                paddedBias[j] = j < columns ? bias[j] : 0;
            }

            for (int first = 0; first < rows; first += FewerRows)
            {
                // Spaced so that none lies outside.
                int last = rows - first - 1;
                nint stride = Product.ARowStride, second = Math.Min(1, last) * stride, third = Math.Min(2, last) * stride, fourth = Math.Min(3, last) * stride;
                TileKernel.RunFour<TSimd, TVector, ReplacingStore>(
                    a + first * stride, second, third, fourth, Product.AColumnStride, panel, panelStride, Product.Depth, bias == null ? null : paddedBias, sums + first * 2 * width, 2 * width, Product.TurnedDepth);
            }

            for (int i = 0; i < rows; i++, to += Product.Columns)
            {
                for (int j = 0; j < columns; j++)
                {
                    to[j] = Product.Adds ? to[j] + sums[i * 2 * width + j] : sums[i * 2 * width + j];
                }

                if (TilesActivate)
                {
                    ActivationFormula.Apply(Activation.Relu, to, to, columns);
                }
            }
        }
    }
}
