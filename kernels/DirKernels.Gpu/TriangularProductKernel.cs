using System.Runtime.CompilerServices;
using DirKernels.Backends;
using ILGPU;
using ILGPU.Runtime;

namespace DirKernels.Gpu;

/// <summary>
/// Products of rows with the triangular maps of their bins: <c>z + T_b (z - mu_b) + shift_b</c> from maps transposed (upper triangles), or <c>d + T_b^T d</c> from maps as they
/// are (lower triangles).
/// </summary>
/// <remarks>
/// Blocks of up to half a tile: a thread for each element. Larger ones: rows are grouped by bin first, then a group takes up to a tile of rows of one bin and a tile of columns, and walks the depth of the triangle only. Launch: tiles as
/// <see cref="BlockMomentsKernel"/>, 32 x 32 while bins hold few rows; grid (pieces of rows, tiles of columns). Shared memory 16.5 KiB for the large tile. D (g + 1) flops a
/// row. Deterministic, and a row's result does not depend on which rows share its tile. In place through a copy. Error below (g + 4) u of the sum of magnitudes.
/// </remarks>
internal static class TriangularProductKernel
{
    public static void Run(
        GpuRuntime gpu, ArrayView<float> source, ArrayView<int> bins, BinShape shape, ArrayView<float> means, ArrayView<float> maps, ArrayView<float> shifts, ArrayView<float> result, bool upper)
    {
        int count = (int)bins.Length, edge = BlockTiles.Edge(gpu.Scale, shape);
        if (!gpu.Scale.IsSimulated && count < 64L * shape.Bins)
        {
            edge = 32;
        }

        if (Quads.ShareMemory(source, result))
        {
            // Blocks of a row read what others of the row write.
            ArrayView<float> copy = gpu.Scratch<float>("calibration copy", source.Length);
            source.CopyTo(gpu.Stream, copy);
            source = copy;
        }

        if (2 * shape.BlockSize <= edge)
        {
            gpu.Launch(gpu.Elements(source.Length), SmallBlocks, source, bins, means, maps, shifts, result, source.Length, shape.Dimensions, shape.BlockSize, upper ? 1 : 0);
            return;
        }

        ArrayView<int> rows = gpu.Scratch<int>("calibration rows", count), offsets = gpu.Scratch<int>("calibration offsets", shape.Bins + 1);
        GroupByBinKernel.Run(gpu, bins, rows.SubView(0, count), offsets.SubView(0, shape.Bins + 1));
        (ArrayView<int> starts, int tiles) = BlockTiles.Columns(gpu, shape, edge);
        var work = new Work
        {
            Bins = shape.Bins,
            Width = shape.Dimensions,
            BlockSize = shape.BlockSize,
            Extent = BlockTiles.Extent(shape, edge),
            Upper = upper ? 1 : 0,
            AlignedRows = shape.Dimensions % 4 == 0 && shape.BlockSize % 4 == 0 && Quads.Aligned(source) ? 1 : 0,
            AlignedMaps = shape.BlockSize % 4 == 0 && Quads.Aligned(maps) ? 1 : 0,
        };
        Action<ArrayView<float>, ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, Work> kernel = (edge, gpu.Scale.IsSimulated, gpu.Precision) switch
        {
            (128, _, MatrixPrecision.Tf32) => Kernel<Side16, TensorSums<OneTerm>>,
            (128, _, MatrixPrecision.Tf32Triple) => Kernel<Side16, TensorSums<ThreeTerms>>,
            (128, _, _) => Kernel<Side16, Sums8x8>,
            (64, _, _) => Kernel<Side8, Sums8x8>,
            (32, false, _) => Kernel<Side8, Sums4x4>,
            (32, true, _) => Kernel<Side4, Sums8x8>,
            _ => Kernel<Side4, Sums4x4>,
        };
        gpu.Launch(
            new KernelConfig((BinPieces.Count(count, edge, shape.Bins), tiles, 1), (BlockTiles.Threads(gpu.Scale, edge), 1, 1)), kernel, source, rows, offsets, starts, means, maps, shifts, result, work);
    }

    /// <summary>Blocks of which several would share a tile: one element a thread, since a NaN must not reach the zeros of its neighbours.</summary>
    public static void SmallBlocks(
        ArrayView<float> source, ArrayView<int> bins, ArrayView<float> means, ArrayView<float> maps, ArrayView<float> shifts, ArrayView<float> result, long count, int width, int blockSize, int upper)
    {
        long step = (long)Grid.DimX * Group.DimX;
        for (long at = Grid.GlobalIndex.X; at < count; at += step)
        {
            long row = at / width;
            int column = (int)(at - row * width), block = column - column % blockSize;
            long origin = row * width, mean = (long)bins[row] * width, map = mean * blockSize;
            float sum = 0f;
            if (upper != 0)
            {
                for (int k = block; k <= column; k++)
                {
                    sum += (source[origin + k] - means[mean + k]) * maps[map + (long)k * blockSize + column - block];
                }

                result[at] = source[at] + shifts[mean + column] + sum;
                continue;
            }

            int end = IntrinsicMath.Min(width, block + blockSize);
            for (int k = column; k < end; k++)
            {
                sum += source[origin + k] * maps[map + (long)k * blockSize + column - block];
            }

            result[at] = source[at] + sum;
        }
    }

    /// <summary>One piece of rows and one tile of columns.</summary>
    public static void Kernel<TSide, TSums>(
        ArrayView<float> source, ArrayView<int> rows, ArrayView<int> offsets, ArrayView<int> starts, ArrayView<float> means, ArrayView<float> maps, ArrayView<float> shifts, ArrayView<float> result, Work work)
        where TSide : struct, ITileSide
        where TSums : struct, IAccumulators<TSums>
    {
        int threads = TSide.Threads * TSide.Threads, tile = 4 * TSide.Threads * TSums.Runs, stride = tile + TSums.Padding, panel = PanelQuads.Depth * stride;
        ArrayView<F4> panelA = SharedMemory.Allocate<F4>(2 * PanelQuads.Depth * (TSide.Threads * TSums.Runs + TSums.Padding / 4));
        ArrayView<F4> panelB = SharedMemory.Allocate<F4>(2 * PanelQuads.Depth * (TSide.Threads * TSums.Runs + TSums.Padding / 4));
        ArrayView<int> rowsOfTile = SharedMemory.Allocate<int>(4 * TSide.Threads * TSums.Runs);
        int bin = BinPieces.BinOfPiece(offsets, work.Bins, tile, Grid.IdxX), stretch = (Grid.IdxX - bin) * tile;
        int first = IntrinsicMath.Max(stretch, offsets[bin]), count = IntrinsicMath.Min(stretch + tile, offsets[bin + 1]) - first;
        if (count <= 0)
        {
            return;
        }

        for (int r = Group.IdxX; r < tile; r += threads)
        {
            rowsOfTile[r] = r < count ? rows[first + r] : -1;
        }

        Group.Barrier();
        int column = starts[Grid.IdxY], columnEnd = BlockTiles.End(column, work.Extent, work.Width, work.BlockSize);
        int firstBlock = column - column % work.BlockSize, lastBlock = columnEnd - 1 - (columnEnd - 1) % work.BlockSize;
        int begin = work.Upper != 0 ? firstBlock : column, end = work.Upper != 0 ? columnEnd : IntrinsicMath.Min(work.Width, lastBlock + work.BlockSize);

        ArrayView<float> map = maps.SubView((long)bin * work.Width * work.BlockSize, (long)work.Width * work.BlockSize);
        TSums sums = default;
        PanelQuads nextA = default, nextB = default;
        ReadRows(ref nextA, source, rowsOfTile, means, bin, begin, end, work, tile, threads);
        ReadMap(ref nextB, map, column, columnEnd, begin, end, work, tile, threads);
        nextA.Write(panelA, true, 0, tile, stride, threads);
        nextB.Write(panelB, false, 0, tile, stride, threads);
        Group.Barrier();
        int buffer = 0;
        for (int k = begin; k < end; k += PanelQuads.Depth)
        {
            bool more = k + PanelQuads.Depth < end;
            if (more)
            {
                ReadRows(ref nextA, source, rowsOfTile, means, bin, k + PanelQuads.Depth, end, work, tile, threads);
                ReadMap(ref nextB, map, column, columnEnd, k + PanelQuads.Depth, end, work, tile, threads);
            }

            int start = buffer * panel / 4;
            sums.AddPanels(panelA, start, panelB, start, TSide.Threads);

            buffer = 1 - buffer;
            if (more)
            {
                nextA.Write(panelA, true, buffer * panel, tile, stride, threads);
                nextB.Write(panelB, false, buffer * panel, tile, stride, threads);
            }

            Group.Barrier();
        }

        for (int r = 0; r < 4 * TSums.Runs; r++)
        {
            int i = rowsOfTile[TSums.RowOf(Group.IdxX, r, TSide.Threads)];
            for (int run = 0; run < TSums.Runs && i >= 0; run++)
            {
                F4 sum = sums.Get(r, run);
                int c = column + TSums.ColumnOf(Group.IdxX, run, TSide.Threads);
                Store(source, shifts, result, bin, i, c, columnEnd, sum.X, work);
                Store(source, shifts, result, bin, i, c + 1, columnEnd, sum.Y, work);
                Store(source, shifts, result, bin, i, c + 2, columnEnd, sum.Z, work);
                Store(source, shifts, result, bin, i, c + 3, columnEnd, sum.W, work);
            }
        }
    }

    private static void Store(
        ArrayView<float> source, ArrayView<float> shifts, ArrayView<float> result, int bin, int row, int column, int columnEnd, float sum, in Work work)
    {
        if (column < columnEnd)
        {
            long at = (long)row * work.Width + column;
            float moved = work.Upper != 0 ? source[at] + shifts[(long)bin * work.Width + column] : source[at];
            result[at] = moved + sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadRows(
        ref PanelQuads quads, ArrayView<float> source, ArrayView<int> rows, ArrayView<float> means, int bin, int k, int end, in Work work, int tile, int threads)
    {
        int runs = PanelQuads.Depth * tile / 4 / threads, thread = Group.IdxX;
        quads.Q0 = ReadRow(source, rows, means, bin, k, end, work, thread);
        if (runs > 1)
        {
            quads.Q1 = ReadRow(source, rows, means, bin, k, end, work, thread + threads);
        }

        if (runs > 2)
        {
            quads.Q2 = ReadRow(source, rows, means, bin, k, end, work, thread + 2 * threads);
            quads.Q3 = ReadRow(source, rows, means, bin, k, end, work, thread + 3 * threads);
        }
    }

    private static F4 ReadRow(ArrayView<float> source, ArrayView<int> rows, ArrayView<float> means, int bin, int k, int end, in Work work, int quad)
    {
        int row = rows[quad / (PanelQuads.Depth / 4)], column = k + quad % (PanelQuads.Depth / 4) * 4, left = row < 0 ? 0 : end - column;
        long at = (long)row * work.Width + column, mean = (long)bin * work.Width + column;
        var x = new F4(0f, 0f, 0f, 0f);
        if (left >= 4 && work.AlignedRows != 0)
        {
            x = source.Cast<F4>()[at / 4];
        }
        else
        {
            x = new F4(left > 0 ? source[at] : 0f, left > 1 ? source[at + 1] : 0f, left > 2 ? source[at + 2] : 0f, left > 3 ? source[at + 3] : 0f);
        }

        if (work.Upper != 0)
        {
            x.X -= left > 0 ? means[mean] : 0f;
            x.Y -= left > 1 ? means[mean + 1] : 0f;
            x.Z -= left > 2 ? means[mean + 2] : 0f;
            x.W -= left > 3 ? means[mean + 3] : 0f;
        }

        return x;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadMap(
        ref PanelQuads quads, ArrayView<float> map, int column, int columnEnd, int k, int end, in Work work, int tile, int threads)
    {
        int runs = PanelQuads.Depth * tile / 4 / threads, thread = Group.IdxX;
        quads.Q0 = ReadMapRow(map, column, columnEnd, k, end, work, tile, thread);
        if (runs > 1)
        {
            quads.Q1 = ReadMapRow(map, column, columnEnd, k, end, work, tile, thread + threads);
        }

        if (runs > 2)
        {
            quads.Q2 = ReadMapRow(map, column, columnEnd, k, end, work, tile, thread + 2 * threads);
            quads.Q3 = ReadMapRow(map, column, columnEnd, k, end, work, tile, thread + 3 * threads);
        }
    }

    // Row k of the map, from column c on: what lies in another block is 0.
    private static F4 ReadMapRow(ArrayView<float> map, int column, int columnEnd, int k, int end, in Work work, int tile, int quad)
    {
        int c = column + quad % (tile / 4) * 4, row = k + quad / (tile / 4), block = row - row % work.BlockSize;
        int blockEnd = IntrinsicMath.Min(columnEnd, block + work.BlockSize);
        long at = (long)row * work.BlockSize + c - block;
        if (row >= end)
        {
            return new F4(0f, 0f, 0f, 0f);
        }

        if (work.AlignedMaps != 0 && c >= block && c + 3 < blockEnd)
        {
            return map.Cast<F4>()[at / 4];
        }

        return new F4(
            c >= block && c < blockEnd ? map[at] : 0f,
            c + 1 >= block && c + 1 < blockEnd ? map[at + 1] : 0f,
            c + 2 >= block && c + 2 < blockEnd ? map[at + 2] : 0f,
            c + 3 >= block && c + 3 < blockEnd ? map[at + 3] : 0f);
    }

    /// <summary>Sizes of the work.</summary>
    internal struct Work
    {
        public int Bins;
        public int Width;
        public int BlockSize;
        public int Extent;
        public int Upper;
        public int AlignedRows;
        public int AlignedMaps;
    }
}
