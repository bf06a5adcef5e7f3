using DirKernels.Backends;
using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Tiles over the blocks of a covariance [D x g]. Blocks up to the size of a tile: as many whole ones as fit share a tile. Larger blocks: tiles of their own, the last of a
/// block cut off.
/// </summary>
internal static class BlockTiles
{
    /// <summary>Edge of the tiles for this shape: 128, 64 or 32, in simulation 32 or 16.</summary>
    public static int Edge(LaunchScale scale, BinShape shape)
    {
        int size = Math.Min(shape.BlockSize, shape.Dimensions);
        return scale.IsSimulated ? (size > 16 ? 32 : 16) : size > 64 ? 128 : size > 32 ? 64 : 32;
    }

    /// <summary>Threads of a group on tiles with this edge.</summary>
    public static int Threads(LaunchScale scale, int edge) => scale.IsSimulated ? 16 : edge == 128 ? 256 : 64;

    /// <summary>Columns that a tile answers for: all of them, or those of the whole blocks inside.</summary>
    public static int Extent(BinShape shape, int edge) => shape.BlockSize >= edge ? edge : edge / shape.BlockSize * shape.BlockSize;

    /// <summary>First columns of the tiles along the dimensions.</summary>
    public static (ArrayView<int> Starts, int Count) Columns(GpuRuntime gpu, BinShape shape, int edge)
    {
        int[] starts = Starts(shape, edge);
        return (gpu.Table($"columns {shape.Dimensions} {shape.BlockSize} {edge}", () => starts), starts.Length);
    }

    /// <summary>First row and first column of each tile on or below the diagonal of a block, pair by pair.</summary>
    public static (ArrayView<int> Pairs, int Count) Triangle(GpuRuntime gpu, BinShape shape, int edge)
    {
        int[] starts = Starts(shape, edge);
        int[] pairs =
        [
            .. from row in starts
               from column in starts
               where column <= row && shape.BlockStart(row) == shape.BlockStart(column) && (shape.BlockSize > edge || row == column)
               from first in new[] { row, column }
               select first,
        ];
        return (gpu.Table($"triangle {shape.Dimensions} {shape.BlockSize} {edge}", () => pairs), pairs.Length / 2);
    }

    /// <summary>End of the columns of the tile that starts at <paramref name="start"/>.</summary>
    public static int End(int start, int extent, int dimensions, int blockSize)
    {
        int end = IntrinsicMath.Min(dimensions, start + extent);
        return blockSize > extent ? IntrinsicMath.Min(end, start - start % blockSize + blockSize) : end;
    }

    private static int[] Starts(BinShape shape, int edge)
    {
        int extent = Extent(shape, edge);
        if (shape.BlockSize <= extent)
        {
            return [.. Enumerable.Range(0, (shape.Dimensions + extent - 1) / extent).Select(t => t * extent)];
        }

        return
        [
            .. from block in Enumerable.Range(0, (shape.Dimensions + shape.BlockSize - 1) / shape.BlockSize)
               let first = block * shape.BlockSize
               let size = Math.Min(shape.BlockSize, shape.Dimensions - first)
               from tile in Enumerable.Range(0, (size + edge - 1) / edge)
               select first + tile * edge,
        ];
    }
}
