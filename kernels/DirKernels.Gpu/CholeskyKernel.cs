using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Cholesky factors of many double-precision matrices at once, by panels of 32 columns: factor the square on the diagonal, solve the rows below it, subtract their products from
/// what is left.
/// </summary>
/// <remarks>
/// Launches: three for each panel, over all matrices. (1) One warp for each matrix, the square in shared memory (8.5 KiB); (2) a thread for each row below, 64 rows a group (25 KiB);
/// (3) 64 x 64 tiles of 256 threads, 4 x 4 sums each (16 KiB). n^3 / 3 flops. Deterministic. A pivot that keeps no more than 1e-7 of its variance fails the matrix, whose groups
/// then leave at once.
/// </remarks>
internal static class CholeskyKernel
{
    /// <summary>Columns of a panel.</summary>
    public const int Panel = 32;

    /// <summary>Row stride of a panel in shared memory, odd against bank conflicts.</summary>
    public const int Stride = Panel + 1;

    /// <summary>Rows below the square that one group solves.</summary>
    public const int RowsOfGroup = 64;

    /// <summary>Fills the matrices: off the diagonal <c>(1 - shrinkage) v</c>, on it <c>v + ridge trace / size</c>; dimensions without variance become those of the identity.</summary>
    public static void Load(GpuRuntime gpu, FactorBatch batch, MapStatistics statistics, ArrayView<double> shrinkages, double ridge) =>
        gpu.Launch(new KernelConfig(2 * batch.Count, gpu.Scale.GroupSize), LoadMatrix, batch, statistics, shrinkages, ridge);

    /// <summary>Factorises all matrices in place.</summary>
    public static void Factorise(GpuRuntime gpu, FactorBatch batch)
    {
        bool simulated = gpu.Scale.IsSimulated;
        int matrices = 2 * batch.Count, tile = simulated ? 16 : 64, rows = simulated ? 16 : RowsOfGroup;
        for (int start = 0; start < batch.BlockSize; start += Panel)
        {
            gpu.Launch(new KernelConfig(matrices, simulated ? 16 : 32), FactorSquare, batch, start);
            int below = batch.BlockSize - start - Panel;
            if (below > 0)
            {
                gpu.Launch(new KernelConfig((matrices, (below + rows - 1) / rows, 1), (rows, 1, 1)), SolveBelow, batch, start);
                int tiles = (below + tile - 1) / tile;
                var grid = new KernelConfig((matrices, tiles * (tiles + 1) / 2, 1), (simulated ? 16 : 256, 1, 1));
                if (simulated)
                {
                    gpu.Launch(grid, SubtractBelow<Side4>, batch, start);
                }
                else
                {
                    gpu.Launch(grid, SubtractBelow<Side16>, batch, start);
                }
            }
        }
    }

    public static void LoadMatrix(FactorBatch batch, MapStatistics statistics, ArrayView<double> shrinkages, double ridge)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(LaunchScale.LargestGroup);
        int matrix = Grid.IdxX, block = batch.Blocks[matrix % batch.Count], bin = block / batch.BlocksOfBin, g = batch.BlockSize, size = batch.SizeOf(matrix);
        long origin = ((long)bin * batch.Width + block % batch.BlocksOfBin * g) * g;
        ArrayView<float> running = statistics.Running.SubView(origin, (long)size * g), smoothed = statistics.Smoothed.SubView(origin, (long)size * g);
        bool whiten = matrix < batch.Count;
        double trace = 0;
        for (int i = Group.IdxX; i < size && ridge > 0; i += Group.DimX)
        {
            trace += whiten ? running[(long)i * g + i] : smoothed[(long)i * g + i];
        }

        double added = ridge * GroupSum.OfAll(shared, trace) / size, factor = 1.0 - shrinkages[bin];
        ArrayView<double> to = batch.Elements.SubView((long)matrix * g * g, (long)g * g), diagonal = batch.Diagonals.SubView((long)matrix * g, g);
        for (int at = Group.IdxX; at < size * g; at += Group.DimX)
        {
            int i = at / g, j = at % g;
            if (j > i)
            {
                continue;
            }

            bool inactive = !(running[(long)i * g + i] > 0f) || !(running[(long)j * g + j] > 0f);
            double value = whiten ? running[at] : smoothed[at];
            double entry = i == j ? (inactive ? 1.0 : value + added) : (inactive ? 0.0 : factor * value);
            to[at] = entry;
            if (i == j)
            {
                diagonal[i] = entry;
            }
        }

        if (Group.IdxX == 0)
        {
            batch.Status[matrix] = 0;
        }
    }

    /// <summary>Factorises the square of a panel.</summary>
    public static void FactorSquare(FactorBatch batch, int start)
    {
        ArrayView<double> square = SharedMemory.Allocate<double>(Panel * Stride);
        int matrix = Grid.IdxX, g = batch.BlockSize, size = IntrinsicMath.Min(Panel, batch.SizeOf(matrix) - start);
        if (size <= 0 || batch.Status[matrix] != 0)
        {
            return;
        }

        ArrayView<double> elements = batch.Elements.SubView(((long)matrix * g + start) * g + start, (long)(size - 1) * g + size);
        LoadSquare(square, elements, size, g);
        for (int j = 0; j < size; j++)
        {
            for (int i = j + Group.IdxX; i < size; i += Group.DimX)
            {
                double sum = square[i * Stride + j];
                for (int k = 0; k < j; k++)
                {
                    sum -= square[i * Stride + k] * square[j * Stride + k];
                }

                square[i * Stride + j] = sum;
            }

            Group.Barrier();

            // Every thread takes the root of the pivot for itself: the entry keeps the pivot until the end, nothing else reads it.
            double pivot = square[j * Stride + j];
            if (!(pivot > 1e-7 * batch.Diagonals[(long)matrix * g + start + j]))
            {
                if (Group.IdxX == 0)
                {
                    batch.Status[matrix] = 1;
                }

                return;
            }

            double root = Math.Sqrt(pivot);
            for (int i = j + 1 + Group.IdxX; i < size; i += Group.DimX)
            {
                square[i * Stride + j] /= root;
            }

            Group.Barrier();
        }

        for (int at = Group.IdxX; at < size * size; at += Group.DimX)
        {
            int i = at / size, j = at % size;
            if (j <= i)
            {
                double value = square[i * Stride + j];
                elements[(long)i * g + j] = i == j ? Math.Sqrt(value) : value;
            }
        }
    }

    /// <summary>Rows below the square: <c>X L^T = A</c>.</summary>
    public static void SolveBelow(FactorBatch batch, int start)
    {
        ArrayView<double> square = SharedMemory.Allocate<double>(Panel * Stride), rows = SharedMemory.Allocate<double>(RowsOfGroup * Stride);
        int matrix = Grid.IdxX, g = batch.BlockSize, size = batch.SizeOf(matrix), first = start + Panel + Grid.IdxY * Group.DimX;
        if (first >= size || batch.Status[matrix] != 0)
        {
            return;
        }

        ArrayView<double> elements = batch.Elements.SubView((long)matrix * g * g, (long)g * g);
        LoadSquare(square, elements.SubView((long)start * g + start, (long)(Panel - 1) * g + Panel), Panel, g);
        int count = IntrinsicMath.Min(Group.DimX, size - first);
        MoveRows(rows, elements, first, count, start, g, true);
        Group.Barrier();
        if (Group.IdxX < count)
        {
            int row = Group.IdxX * Stride;
            for (int j = 0; j < Panel; j++)
            {
                double sum = rows[row + j];
                for (int k = 0; k < j; k++)
                {
                    sum -= rows[row + k] * square[j * Stride + k];
                }

                rows[row + j] = sum / square[j * Stride + j];
            }
        }

        Group.Barrier();
        MoveRows(rows, elements, first, count, start, g, false);
    }

    /// <summary>What is left of the matrix, minus the products of the solved rows.</summary>
    public static void SubtractBelow<TSide>(FactorBatch batch, int start)
        where TSide : struct, ITileSide
    {
        int matrix = Grid.IdxX, g = batch.BlockSize, size = batch.SizeOf(matrix), first = start + Panel, tile = 4 * TSide.Threads;

        // The tile with this number on or below the diagonal.
        int tileRow = 0;
        for (int rest = Grid.IdxY; rest > tileRow; rest -= tileRow)
        {
            tileRow++;
        }

        int tileColumn = Grid.IdxY - tileRow * (tileRow + 1) / 2;
        int row = first + tileRow * tile, column = first + tileColumn * tile;
        ArrayView<double> panels = SharedMemory.Allocate<double>(2 * PanelProduct.Depth * 4 * TSide.Threads);
        if (row >= size || batch.Status[matrix] != 0)
        {
            return;
        }

        ArrayView<double> elements = batch.Elements.SubView((long)matrix * g * g, (long)g * g);
        PanelProduct.Subtract<TSide>(panels, elements, elements, elements, g, row, size, column, size, start, IntrinsicMath.Min(size, first), true);
    }

    /// <summary>The square of a panel into shared memory, zeros above its diagonal.</summary>
    public static void LoadSquare(ArrayView<double> square, ArrayView<double> elements, int size, int stride)
    {
        for (int at = Group.IdxX; at < size * size; at += Group.DimX)
        {
            int i = at / size, j = at % size;
            square[i * Stride + j] = j <= i ? elements[(long)i * stride + j] : 0.0;
        }

        Group.Barrier();
    }

    /// <summary>The part of some rows that lies in a panel, to shared memory or back.</summary>
    public static void MoveRows(ArrayView<double> rows, ArrayView<double> elements, int first, int count, int start, int stride, bool load)
    {
        for (int at = Group.IdxX; at < count * Panel; at += Group.DimX)
        {
            int i = at / Panel, j = at % Panel;
            long of = (long)(first + i) * stride + start + j;
            if (load)
            {
                rows[i * Stride + j] = elements[of];
            }
            else
            {
                elements[of] = rows[i * Stride + j];
            }
        }
    }
}
