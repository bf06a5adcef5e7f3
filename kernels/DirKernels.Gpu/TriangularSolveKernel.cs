using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// The maps A with <c>A L = L~</c> from the factors of a batch, in place of L~, by panels of 32 columns from the right: solve the rows of a panel against its square, subtract their
/// products from the columns to the left. A is lower triangular.
/// </summary>
/// <remarks>
/// Launches: two for each panel, over all matrices; (1) a thread for each row, 64 rows a group (25 KiB of shared memory); (2) 64 x 64 tiles of 256 threads (16 KiB). n^3 / 3 flops.
/// Deterministic. Matrices of which a factor failed are left out.
/// </remarks>
internal static class TriangularSolveKernel
{
    public static void Solve(GpuRuntime gpu, FactorBatch batch)
    {
        bool simulated = gpu.Scale.IsSimulated;
        int rows = simulated ? 16 : CholeskyKernel.RowsOfGroup, tile = simulated ? 16 : 64, g = batch.BlockSize;
        for (int start = (g - 1) / CholeskyKernel.Panel * CholeskyKernel.Panel; start >= 0; start -= CholeskyKernel.Panel)
        {
            int left = g - start;
            gpu.Launch(new KernelConfig((batch.Count, (left + rows - 1) / rows, 1), (rows, 1, 1)), SolvePanel, batch, start);
            if (start > 0)
            {
                var grid = new KernelConfig((batch.Count, (left + tile - 1) / tile, (start + tile - 1) / tile), (simulated ? 16 : 256, 1, 1));
                if (simulated)
                {
                    gpu.Launch(grid, SubtractLeft<Side4>, batch, start);
                }
                else
                {
                    gpu.Launch(grid, SubtractLeft<Side16>, batch, start);
                }
            }
        }
    }

    /// <summary>Writes <c>strength (A - I)</c> to the maps, zeros above the diagonals.</summary>
    public static void Store(GpuRuntime gpu, FactorBatch batch, float strength, ArrayView<float> maps)
    {
        int pieces = gpu.Elements((long)batch.BlockSize * batch.BlockSize).GridDim.X;
        gpu.Launch(new KernelConfig((batch.Count, Math.Min(pieces, 64), 1), (gpu.Scale.GroupSize, 1, 1)), StoreMap, batch, maps, strength);
    }

    /// <summary>Rows of one panel: <c>X L = R</c>.</summary>
    public static void SolvePanel(FactorBatch batch, int start)
    {
        ArrayView<double> square = SharedMemory.Allocate<double>(CholeskyKernel.Panel * CholeskyKernel.Stride);
        ArrayView<double> rows = SharedMemory.Allocate<double>(CholeskyKernel.RowsOfGroup * CholeskyKernel.Stride);
        int matrix = Grid.IdxX, g = batch.BlockSize, size = batch.SizeOf(matrix), first = start + Grid.IdxY * Group.DimX;
        if (first >= size || Failed(batch, matrix))
        {
            return;
        }

        int width = IntrinsicMath.Min(CholeskyKernel.Panel, size - start), count = IntrinsicMath.Min(Group.DimX, size - first);
        ArrayView<double> factor = batch.Elements.SubView(((long)matrix * g + start) * g + start, (long)(width - 1) * g + width);
        ArrayView<double> right = batch.Elements.SubView((long)(batch.Count + matrix) * g * g, (long)g * g);
        CholeskyKernel.LoadSquare(square, factor, width, g);
        for (int at = Group.IdxX; at < count * width; at += Group.DimX)
        {
            int i = at / width, j = at % width;
            rows[i * CholeskyKernel.Stride + j] = start + j <= first + i ? right[(long)(first + i) * g + start + j] : 0.0;
        }

        Group.Barrier();
        if (Group.IdxX < count)
        {
            int row = Group.IdxX * CholeskyKernel.Stride;
            for (int j = width - 1; j >= 0; j--)
            {
                double sum = rows[row + j];
                for (int k = j + 1; k < width; k++)
                {
                    sum -= rows[row + k] * square[k * CholeskyKernel.Stride + j];
                }

                rows[row + j] = sum / square[j * CholeskyKernel.Stride + j];
            }
        }

        Group.Barrier();
        for (int at = Group.IdxX; at < count * width; at += Group.DimX)
        {
            int i = at / width, j = at % width;
            if (start + j <= first + i)
            {
                right[(long)(first + i) * g + start + j] = rows[i * CholeskyKernel.Stride + j];
            }
        }
    }

    /// <summary>Columns left of a panel, minus the products of its solved rows with the rows of L.</summary>
    public static void SubtractLeft<TSide>(FactorBatch batch, int start)
        where TSide : struct, ITileSide
    {
        ArrayView<double> panels = SharedMemory.Allocate<double>(2 * PanelProduct.Depth * 4 * TSide.Threads);
        int matrix = Grid.IdxX, g = batch.BlockSize, size = batch.SizeOf(matrix), tile = 4 * TSide.Threads, row = start + Grid.IdxY * tile;
        if (row >= size || Failed(batch, matrix))
        {
            return;
        }

        ArrayView<double> factor = batch.Elements.SubView((long)matrix * g * g, (long)g * g), right = batch.Elements.SubView((long)(batch.Count + matrix) * g * g, (long)g * g);
        int end = IntrinsicMath.Min(size, start + CholeskyKernel.Panel);
        PanelProduct.Subtract<TSide>(panels, right, right, factor, g, row, size, Grid.IdxZ * tile, start, start, end, false);
    }

    public static void StoreMap(FactorBatch batch, ArrayView<float> maps, float strength)
    {
        int matrix = Grid.IdxX, g = batch.BlockSize, size = batch.SizeOf(matrix), block = batch.Blocks[matrix];
        if (Failed(batch, matrix))
        {
            return;
        }

        long origin = ((long)(block / batch.BlocksOfBin) * batch.Width + block % batch.BlocksOfBin * g) * g;
        long from = (long)(batch.Count + matrix) * g * g;
        for (int at = Grid.IdxY * Group.DimX + Group.IdxX; at < size * g; at += Grid.DimY * Group.DimX)
        {
            int i = at / g, j = at % g;
            double value = j > i ? 0.0 : strength * (batch.Elements[from + at] - (i == j ? 1.0 : 0.0));
            maps[origin + at] = (float)value;
        }
    }

    private static bool Failed(in FactorBatch batch, int matrix) => batch.Status[matrix] != 0 || batch.Status[batch.Count + matrix] != 0;
}
