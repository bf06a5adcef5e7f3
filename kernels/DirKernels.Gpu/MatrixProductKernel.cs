using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// <c>pre = A B + bias</c>, <c>y = activation(pre)</c> in one pass, each operand as it lies or transposed; on the side the column sums of B.
/// </summary>
/// <remarks>
/// Launch: one group for each tile of the result; 256 threads on 128 x 128 (8 x 8 sums a thread), 64 on 64 x 64, or 64 on 32 x 32 for small matrices. Where there are
/// fewer tiles than multiprocessors the depth is split; a second launch adds the parts in order. Shared memory: two pairs of panels of depth 8, 16 KiB for the large
/// tile; the next panels travel in registers meanwhile. 2 Rows Columns Depth flops. Deterministic: the order of a sum depends on the shape only. Accuracy:
/// |error| below (Depth + 4) u of the sum of magnitudes.
/// </remarks>
internal static class MatrixProductKernel
{
    public static void Run(GpuRuntime gpu, in ProductOperands operands, ProductShape shape)
    {
        if (shape.Rows == 0 || shape.Columns == 0)
        {
            return;
        }

        (int tile, int splits) = ChooseTile(gpu.Scale, shape);
        shape.DepthOfSplit = splits == 1 ? shape.Depth : (((shape.Depth + splits - 1) / splits) + 7) / 8 * 8;
        shape.Aligned = shape.Columns % 4 == 0 && Quads.Aligned(operands.Y) && (shape.KeepPre == 0 || Quads.Aligned(operands.Pre)) ? 1 : 0;
        if (splits == 1)
        {
            LaunchTiles(gpu, tile, 1, operands, shape);
            return;
        }

        long part = (long)shape.Rows * shape.Columns + shape.Columns;
        ArrayView<float> parts = gpu.Scratch<float>("split products", part * splits);
        ProductShape partial = shape;
        partial.HasBias = partial.KeepPre = 0;
        partial.Activation = (int)Activation.Identity;
        partial.Aligned = shape.Columns % 4 == 0 ? 1 : 0;
        ProductOperands into = operands with { Y = parts, ColumnSums = parts.SubView((long)shape.Rows * shape.Columns, part * splits - (long)shape.Rows * shape.Columns) };
        LaunchTiles(gpu, tile, splits, into, partial);
        gpu.Launch(gpu.Elements(part), AddParts, parts, operands.Bias, operands.Pre, operands.Y, operands.ColumnSums, splits, shape);
    }

    /// <summary>One tile of the product, one part of its depth.</summary>
    public static void Kernel<TSide, TSums>(
        ArrayView<float> a, ArrayView<float> b, ArrayView<float> bias, ArrayView<float> pre, ArrayView<float> y, ArrayView<float> columnSums, ProductShape shape)
        where TSide : struct, ITileSide
        where TSums : struct, IAccumulators<TSums>
    {
        int threads = TSide.Threads * TSide.Threads, tile = 4 * TSide.Threads * TSums.Runs, stride = tile + TSums.Padding, panel = PanelQuads.Depth * stride;
        ArrayView<F4> panelA = SharedMemory.Allocate<F4>(2 * PanelQuads.Depth * (TSide.Threads * TSums.Runs + TSums.Padding / 4));
        ArrayView<F4> panelB = SharedMemory.Allocate<F4>(2 * PanelQuads.Depth * (TSide.Threads * TSums.Runs + TSums.Padding / 4));
        int row = Grid.IdxX * tile, column = Grid.IdxY * tile;
        int first = Grid.IdxZ * shape.DepthOfSplit, end = IntrinsicMath.Min(shape.Depth, first + shape.DepthOfSplit);
        bool sumColumns = shape.SumColumns != 0 && Grid.IdxX == 0, depthA = shape.A.DepthStride == 1, depthB = shape.B.DepthStride == 1;
        TSums sums = default;
        float columnSum = 0f, secondColumnSum = 0f;
        PanelQuads nextA = default, nextB = default;
        nextA.Read(a, shape.A, row, first, end, tile, threads);
        nextB.Read(b, shape.B, column, first, end, tile, threads);
        nextA.Write(panelA, depthA, 0, tile, stride, threads);
        nextB.Write(panelB, depthB, 0, tile, stride, threads);
        Group.Barrier();
        int buffer = 0;
        for (int k = first; k < end; k += PanelQuads.Depth)
        {
            bool more = k + PanelQuads.Depth < end;
            if (more)
            {
                nextA.Read(a, shape.A, row, k + PanelQuads.Depth, end, tile, threads);
                nextB.Read(b, shape.B, column, k + PanelQuads.Depth, end, tile, threads);
            }

            int start = buffer * panel / 4;
            sums.AddPanels(panelA, start, panelB, start, TSide.Threads);

            if (sumColumns)
            {
                // A tile has at most two columns for each thread.
                columnSum += SumColumn(panelB, 4 * start, Group.IdxX, tile, stride);
                secondColumnSum += SumColumn(panelB, 4 * start, Group.IdxX + threads, tile, stride);
            }

            buffer = 1 - buffer;
            if (more)
            {
                nextA.Write(panelA, depthA, buffer * panel, tile, stride, threads);
                nextB.Write(panelB, depthB, buffer * panel, tile, stride, threads);
            }

            Group.Barrier();
        }

        long part = Grid.IdxZ * ((long)shape.Rows * shape.Columns + shape.Columns);
        for (int r = 0; r < 4 * TSums.Runs; r++)
        {
            int i = row + TSums.RowOf(Group.IdxX, r, TSide.Threads);
            for (int run = 0; run < TSums.Runs && i < shape.Rows; run++)
            {
                Store(bias, pre, y, shape, part, i, column + TSums.ColumnOf(Group.IdxX, run, TSide.Threads), sums.Get(r, run));
            }
        }

        if (sumColumns)
        {
            StoreColumnSum(columnSums, part, shape.Columns, column, Group.IdxX, tile, columnSum);
            StoreColumnSum(columnSums, part, shape.Columns, column, Group.IdxX + threads, tile, secondColumnSum);
        }
    }

    /// <summary>Adds the parts of a split depth in order, then bias and activation; behind the product lie the column sums.</summary>
    public static void AddParts(
        ArrayView<float> parts, ArrayView<float> bias, ArrayView<float> pre, ArrayView<float> y, ArrayView<float> columnSums, int splits, ProductShape shape)
    {
        long product = (long)shape.Rows * shape.Columns, part = product + shape.Columns, stride = (long)Grid.DimX * Group.DimX;
        for (long i = Grid.GlobalIndex.X; i < (shape.SumColumns == 0 ? product : part); i += stride)
        {
            float sum = parts[i];
            for (int split = 1; split < splits; split++)
            {
                sum += parts[split * part + i];
            }

            if (i >= product)
            {
                columnSums[i - product] = sum;
                continue;
            }

            sum += shape.HasBias == 0 ? 0f : bias[i % shape.Columns];
            if (shape.KeepPre != 0)
            {
                pre[i] = sum;
            }

            y[i] = ActivationFormula.Apply(shape.Activation, sum);
        }
    }

    /// <summary>
    /// The largest tile that still gives every multiprocessor one, the depth split if need be into parts of 256 or more; the order of sums follows from it, so it must
    /// not depend on anything but shape and device.
    /// </summary>
    internal static (int Tile, int Splits) ChooseTile(LaunchScale scale, in ProductShape shape)
    {
        if (scale.IsSimulated)
        {
            // Both kinds of sums and the split are to be seen in simulation, too.
            return (shape.Rows > 16 && shape.Columns > 16 ? 32 : 16, Math.Clamp(shape.Depth / 128, 1, 3));
        }

        foreach (int tile in (ReadOnlySpan<int>)[128, 64, 32])
        {
            long tiles = (long)((shape.Rows + tile - 1) / tile) * ((shape.Columns + tile - 1) / tile);
            long splits = Math.Clamp(2 * scale.Multiprocessors / tiles, 1, Math.Max(1, shape.Depth / 256));
            bool fits = Math.Min(shape.Rows, shape.Columns) > tile / 2;
            if (tile == 32 || (fits && tiles * splits >= scale.Multiprocessors))
            {
                return (tile, (int)Math.Min(splits, 64));
            }
        }

        return (32, 1);
    }

    private static void LaunchTiles(GpuRuntime gpu, int tile, int splits, in ProductOperands o, in ProductShape shape)
    {
        Action<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ProductShape> kernel = (tile, gpu.Scale.IsSimulated, gpu.Precision) switch
        {
            (128, _, MatrixPrecision.Tf32) => Kernel<Side16, TensorSums<OneTerm>>,
            (128, _, MatrixPrecision.Tf32Triple) => Kernel<Side16, TensorSums<ThreeTerms>>,
            (128, _, _) => Kernel<Side16, Sums8x8>,
            (64, _, _) => Kernel<Side8, Sums8x8>,
            (32, false, _) => Kernel<Side8, Sums4x4>,
            (32, true, _) => Kernel<Side4, Sums8x8>,
            _ => Kernel<Side4, Sums4x4>,
        };
        var grid = new KernelConfig(((shape.Rows + tile - 1) / tile, (shape.Columns + tile - 1) / tile, splits), (BlockTiles.Threads(gpu.Scale, tile), 1, 1));
        gpu.Launch(grid, kernel, o.A, o.B, o.Bias, o.Pre, o.Y, o.ColumnSums, shape);
    }

    private static float SumColumn(ArrayView<F4> panel, int start, int column, int tile, int stride)
    {
        ArrayView<float> elements = panel.Cast<float>();
        float sum = 0f;
        for (int step = 0; step < PanelQuads.Depth && column < tile; step++)
        {
            sum += elements[start + step * stride + column];
        }

        return sum;
    }

    private static void StoreColumnSum(ArrayView<float> columnSums, long part, int columns, int first, int column, int tile, float sum)
    {
        if (column < tile && first + column < columns)
        {
            columnSums[part + first + column] = sum;
        }
    }

    private static void Store(ArrayView<float> bias, ArrayView<float> pre, ArrayView<float> y, in ProductShape shape, long part, int row, int column, F4 sum)
    {
        int left = shape.Columns - column;
        long at = part + (long)row * shape.Columns + column;
        if (shape.HasBias != 0)
        {
            sum.X += left > 0 ? bias[column] : 0f;
            sum.Y += left > 1 ? bias[column + 1] : 0f;
            sum.Z += left > 2 ? bias[column + 2] : 0f;
            sum.W += left > 3 ? bias[column + 3] : 0f;
        }

        if (shape.KeepPre != 0)
        {
            StoreRun(pre, at, left, shape.Aligned, sum);
        }

        var activated = new F4(
            ActivationFormula.Apply(shape.Activation, sum.X),
            ActivationFormula.Apply(shape.Activation, sum.Y),
            ActivationFormula.Apply(shape.Activation, sum.Z),
            ActivationFormula.Apply(shape.Activation, sum.W));
        StoreRun(y, at, left, shape.Aligned, activated);
    }

    private static void StoreRun(ArrayView<float> to, long at, int left, int aligned, in F4 value)
    {
        if (left >= 4 && aligned != 0)
        {
            to.Cast<F4>()[at / 4] = value;
            return;
        }

        if (left > 0)
        {
            to[at] = value.X;
        }

        if (left > 1)
        {
            to[at + 1] = value.Y;
        }

        if (left > 2)
        {
            to[at + 2] = value.Z;
        }

        if (left > 3)
        {
            to[at + 3] = value.W;
        }
    }
}

/// <summary>Memory of a product; what is absent is not touched.</summary>
internal readonly record struct ProductOperands(
    ArrayView<float> A, ArrayView<float> B, ArrayView<float> Bias, ArrayView<float> Pre, ArrayView<float> Y, ArrayView<float> ColumnSums);

/// <summary>Sizes and choices of a product: the kernel's argument.</summary>
internal struct ProductShape
{
    public PanelSource A;
    public PanelSource B;
    public int Rows;
    public int Columns;
    public int Depth;
    public int DepthOfSplit;
    public int Activation;
    public int HasBias;
    public int KeepPre;
    public int SumColumns;
    public int Aligned;
}
