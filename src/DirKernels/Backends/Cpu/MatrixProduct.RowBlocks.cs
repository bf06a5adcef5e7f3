using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <content>Some rows of the product: which tiles cover them, and what is left at the edges.</content>
internal unsafe partial struct MatrixProduct
{
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
            if (panels == 2 && (rows is TileRows or FewerRows))
            {
                float* a = Product.A + row * Product.ARowStride, to = Product.C + (long)row * Product.Columns + column;
                float* bias = Product.Bias == null ? null : Product.Bias + column;
                if (rows == TileRows)
                {
                    TileKernel.RunWide<TSimd, TVector, TStore>(a, Product.ARowStride, Product.AColumnStride, panel, nextPanel, panelStride, Product.Depth, bias, to, Product.Columns, skipped, Product.TurnedDepth);
                }
                else
                {
                    TileKernel.RunFourWide<TSimd, TVector, TStore>(a, Product.ARowStride, Product.AColumnStride, panel, nextPanel, panelStride, Product.Depth, bias, to, Product.Columns, Product.TurnedDepth);
                }

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
