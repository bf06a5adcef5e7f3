using DirKernels.Backends;
using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Transposes the blocks of maps, lower triangles in, upper triangles out, zeros below. Launch: a group of 16 x 16 threads for each square of the [D x g] result of a bin;
/// a square below the diagonal only writes its zeros. Shared memory 1 KiB, a column of padding against bank conflicts. 4 to 8 bytes an element. Exact.
/// </summary>
internal static class TransposeMapsKernel
{
    public static void Run(GpuRuntime gpu, ArrayView<float> maps, BinShape shape, ArrayView<float> transposed)
    {
        if (maps.Length == 0)
        {
            return;
        }

        int side = gpu.Scale.IsSimulated ? 4 : 16, g = shape.BlockSize;
        int blocks = (shape.Dimensions + g - 1) / g, squares = (g + side - 1) / side;
        var grid = new KernelConfig((squares * squares, Math.Min(blocks, 65_535), Math.Min(shape.Bins, 65_535)), (side * side, 1, 1));
        if (gpu.Scale.IsSimulated)
        {
            gpu.Launch(grid, Kernel<Side4>, maps, transposed, shape.Bins, shape.Dimensions, g);
        }
        else
        {
            gpu.Launch(grid, Kernel<Side16>, maps, transposed, shape.Bins, shape.Dimensions, g);
        }
    }

    public static void Kernel<TSide>(ArrayView<float> maps, ArrayView<float> transposed, int bins, int dimensions, int blockSize)
        where TSide : struct, ITileSide
    {
        ArrayView<float> square = SharedMemory.Allocate<float>(TSide.Threads * (TSide.Threads + 1));
        int tx = Group.IdxX % TSide.Threads, ty = Group.IdxX / TSide.Threads;
        int squares = (blockSize + TSide.Threads - 1) / TSide.Threads;
        int row = Grid.IdxX / squares * TSide.Threads, column = Grid.IdxX % squares * TSide.Threads;
        int blocks = (dimensions + blockSize - 1) / blockSize;
        for (int bin = Grid.IdxZ; bin < bins; bin += Grid.DimZ)
        {
            for (int block = Grid.IdxY; block < blocks; block += Grid.DimY)
            {
                int start = block * blockSize, size = IntrinsicMath.Min(blockSize, dimensions - start);
                long origin = ((long)bin * dimensions + start) * blockSize;

                // Entry (row, column) of the result is entry (column, row) of the map, which only has one where column >= row.
                int i = column + ty, j = row + tx;
                square[ty * (TSide.Threads + 1) + tx] = i < size && j <= i ? maps[origin + (long)i * blockSize + j] : 0f;
                Group.Barrier();
                int r = row + ty, c = column + tx;
                if (r < size && c < blockSize)
                {
                    transposed[origin + (long)r * blockSize + c] = square[tx * (TSide.Threads + 1) + ty];
                }

                Group.Barrier();
            }
        }
    }
}
