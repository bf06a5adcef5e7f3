using System.Runtime.CompilerServices;
using DirKernels.Backends;
using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Scatter matrices of each bin: <c>M2 += sum (x - mean)(x - mean)^T</c> about the mean of the batch, tile by tile on or below the diagonal, then the pairwise update
/// <c>M2 += d d^T n_a n_b / n</c>.
/// </summary>
/// <remarks>
/// Launch: (1), (2) means of the batch, as the diagonal kind; (3) a group for each (tile, bin, part of the bin's rows), 256 threads on 128 x 128 tiles for blocks above 64, 64 on
/// 64 x 64 or 32 x 32 below; (4) where rows were split, the parts; (5) means and counts. Shared memory 16 KiB for the large tile. D (D + 1) flops a row. Deterministic: no
/// atomics, parts added in order. Accuracy: rows are centred in double precision and rounded once; products are summed in single precision 64 rows at a time, those sums
/// again up to 60 at a time, then in double precision: (2 + 64 + 60) u of the root of the product of the variances, below the 130 u that <see cref="IBackend"/> allows.
/// </remarks>
internal static class BlockMomentsKernel
{
    /// <summary>Steps of depth whose products are summed at the lowest level, in panels of eight rows.</summary>
    private const int PanelsOfSum = 8;

    /// <summary>Panels until the sums meet the double-precision scatters: 60 sums of 64 rows.</summary>
    private const int PanelsOfTotal = 60 * PanelsOfSum;

    /// <summary>Bytes that the parts of split rows may take.</summary>
    private const long LargestParts = 1L << 30;

    public static void Run(
        GpuRuntime gpu, ArrayView<float> features, ArrayView<int> rows, ArrayView<int> offsets, BinShape shape, ArrayView<long> counts, ArrayView<double> means, ArrayView<double> scatters)
    {
        int width = shape.Dimensions, threads = gpu.Scale.GroupSize;
        (ArrayView<double> pieces, int stretch) = AccumulateMomentsKernel.SumPieces(gpu, features, rows, offsets, shape);
        ArrayView<double> batchMeans = gpu.Scratch<double>("batch means", (long)shape.Bins * width);
        gpu.Launch(new KernelConfig(shape.Bins, threads), MeansOfBatch, pieces, offsets, batchMeans, width, stretch);

        int edge = BlockTiles.Edge(gpu.Scale, shape);
        (ArrayView<int> pairs, int tiles) = BlockTiles.Triangle(gpu, shape, edge);
        long groups = (long)tiles * shape.Bins, part = (long)shape.Bins * shape.CovarianceWidth;
        long most = Math.Min(rows.Length / (gpu.Scale.IsSimulated ? 100 : 1024), LargestParts / sizeof(double) / part);
        int splits = (int)Math.Clamp(4 * gpu.Scale.Multiprocessors / groups, 1, Math.Clamp(most, 1, 16));
        splits = gpu.Scale.IsSimulated ? (int)Math.Clamp(most, 1, 2) : splits;
        ArrayView<double> target = splits == 1 ? scatters : gpu.Scratch<double>("scatter parts", part * splits);
        var work = new Work
        {
            Bins = shape.Bins,
            Tiles = tiles,
            Width = width,
            BlockSize = shape.BlockSize,
            Extent = BlockTiles.Extent(shape, edge),
            Splits = splits,
            Aligned = width % 4 == 0 && shape.BlockSize % 4 == 0 && Quads.Aligned(features) ? 1 : 0,
        };
        LaunchTiles(gpu, edge, new KernelConfig((checked(tiles * shape.Bins), splits, 1), (BlockTiles.Threads(gpu.Scale, edge), 1, 1)), features, rows, offsets, pairs, counts, means, batchMeans, target, work);
        if (splits > 1)
        {
            gpu.Launch(gpu.ElementsOfBins(shape.Bins, shape.CovarianceWidth), AddParts, target, offsets, counts, means, batchMeans, scatters, work);
        }

        gpu.Launch(new KernelConfig(shape.Bins, threads), AdvanceMeans, offsets, batchMeans, counts, means, width);
    }

    /// <summary>Means of the rows of a batch, bin by bin.</summary>
    public static void MeansOfBatch(ArrayView<double> pieces, ArrayView<int> offsets, ArrayView<double> batchMeans, int width, int stretch)
    {
        int bin = Grid.IdxX, start = offsets[bin], end = offsets[bin + 1];
        for (int j = Group.IdxX; j < width && start < end; j += Group.DimX)
        {
            double mean = 0, scatter = 0;
            AccumulateMomentsKernel.MergeColumn(pieces, bin, start, end, j, width, stretch, 0, ref mean, ref scatter);
            batchMeans[(long)bin * width + j] = mean;
        }
    }

    /// <summary>One tile of the scatter matrix of a bin.</summary>
    public static void Kernel<TSide, TSums>(
        ArrayView<float> features, ArrayView<int> rows, ArrayView<int> offsets, ArrayView<int> pairs, ArrayView<long> counts, ArrayView<double> means, ArrayView<double> batchMeans, ArrayView<double> target, Work work)
        where TSide : struct, ITileSide
        where TSums : struct, IAccumulators<TSums>
    {
        int threads = TSide.Threads * TSide.Threads, tile = 4 * TSide.Threads * TSums.Runs, stride = tile + TSums.Padding, panel = PanelQuads.Depth * stride;

        // Two panels for each of two steps; on the diagonal both operands are the same panel.
        ArrayView<F4> panels = SharedMemory.Allocate<F4>(4 * PanelQuads.Depth * (TSide.Threads * TSums.Runs + TSums.Padding / 4));

        // Tile by tile through a bin, so that groups that run at the same time read the same rows.
        int bin = Grid.IdxX / work.Tiles, pair = 2 * (Grid.IdxX % work.Tiles), length = offsets[bin + 1] - offsets[bin];
        int row = pairs[pair], column = pairs[pair + 1];
        int part = PartLength(length, work.Splits), first = offsets[bin] + Grid.IdxY * part, end = IntrinsicMath.Min(offsets[bin + 1], first + part);
        if (first >= end)
        {
            return;
        }

        int second = row == column ? 0 : panel / 4;
        ArrayView<double> mean = batchMeans.SubView((long)bin * work.Width, work.Width);
        TSums sums = default, total = default;
        PanelQuads nextA = default, nextB = default;
        ReadCentred(ref nextA, features, rows, mean, row, first, end, work, tile, threads);
        nextA.Write(panels, false, 0, tile, stride, threads);
        if (second > 0)
        {
            ReadCentred(ref nextB, features, rows, mean, column, first, end, work, tile, threads);
            nextB.Write(panels, false, panel, tile, stride, threads);
        }

        Group.Barrier();
        int buffer = 0, done = 0;
        bool flushed = false;
        for (int k = first; k < end; k += PanelQuads.Depth)
        {
            bool more = k + PanelQuads.Depth < end;
            if (more)
            {
                ReadCentred(ref nextA, features, rows, mean, row, k + PanelQuads.Depth, end, work, tile, threads);
                if (second > 0)
                {
                    ReadCentred(ref nextB, features, rows, mean, column, k + PanelQuads.Depth, end, work, tile, threads);
                }
            }

            int start = buffer * panel / 2;
            sums.AddPanels(panels, start, panels, start + second, TSide.Threads);

            buffer = 1 - buffer;
            if (more)
            {
                nextA.Write(panels, false, buffer * panel * 2, tile, stride, threads);
                if (second > 0)
                {
                    nextB.Write(panels, false, buffer * panel * 2 + panel, tile, stride, threads);
                }
            }

            Group.Barrier();
            done++;
            if (done % PanelsOfSum == 0 || !more)
            {
                total.AddAll(sums);
                sums = default;
            }

            if (done == PanelsOfTotal && more)
            {
                Flush(target, total, row, column, TSide.Threads, bin, flushed, work);
                total = default;
                flushed = true;
                done = 0;
            }
        }

        Flush(target, total, row, column, TSide.Threads, bin, flushed, work);
        if (work.Splits == 1)
        {
            // The group owns its tile: the pairwise update can follow at once.
            AddBetween<TSums>(target, counts, means, mean, row, column, TSide.Threads, bin, length, work);
        }
    }

    /// <summary>Adds the parts of split rows in order, and the pairwise update.</summary>
    public static void AddParts(
        ArrayView<double> parts, ArrayView<int> offsets, ArrayView<long> counts, ArrayView<double> means, ArrayView<double> batchMeans, ArrayView<double> scatters, Work work)
    {
        int step = Grid.DimX * Group.DimX, covariance = work.Width * work.BlockSize;
        for (int bin = Grid.IdxY; bin < work.Bins; bin += Grid.DimY)
        {
            int length = offsets[bin + 1] - offsets[bin], part = PartLength(length, work.Splits);
            double between = Between(counts[bin], length);
            for (int at = Grid.GlobalIndex.X; at < covariance && length > 0; at += step)
            {
                int i = at / work.BlockSize, j = i - i % work.BlockSize + at % work.BlockSize;
                if (j <= i)
                {
                    double sum = 0;
                    for (int split = 0; split < work.Splits && split * part < length; split++)
                    {
                        sum += parts[((long)split * work.Bins + bin) * covariance + at];
                    }

                    scatters[(long)bin * covariance + at] += sum + BetweenTerm(between, means, batchMeans.SubView((long)bin * work.Width, work.Width), bin, work.Width, i, j);
                }
            }
        }
    }

    /// <summary>Means and counts after the batch.</summary>
    public static void AdvanceMeans(ArrayView<int> offsets, ArrayView<double> batchMeans, ArrayView<long> counts, ArrayView<double> means, int width)
    {
        int bin = Grid.IdxX, added = offsets[bin + 1] - offsets[bin];
        long before = counts[bin];
        double share = (double)added / (before + added);
        for (int j = Group.IdxX; j < width && added > 0; j += Group.DimX)
        {
            long at = (long)bin * width + j;
            means[at] = before == 0 ? batchMeans[at] : means[at] + (batchMeans[at] - means[at]) * share;
        }

        Group.Barrier();
        if (Group.IdxX == 0)
        {
            counts[bin] = before + added;
        }
    }

    private static void LaunchTiles(
        GpuRuntime gpu, int edge, KernelConfig grid, ArrayView<float> features, ArrayView<int> rows, ArrayView<int> offsets, ArrayView<int> pairs, ArrayView<long> counts, ArrayView<double> means, ArrayView<double> batchMeans, ArrayView<double> target, Work work)
    {
        Action<ArrayView<float>, ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<long>, ArrayView<double>, ArrayView<double>, ArrayView<double>, Work> kernel = (edge, gpu.Scale.IsSimulated, gpu.Precision) switch
        {
            (128, _, MatrixPrecision.Tf32) => Kernel<Side16, TensorSums<OneTerm>>,
            (128, _, MatrixPrecision.Tf32Triple) => Kernel<Side16, TensorSums<ThreeTerms>>,
            (128, _, _) => Kernel<Side16, Sums8x8>,
            (64, _, _) => Kernel<Side8, Sums8x8>,
            (32, false, _) => Kernel<Side8, Sums4x4>,
            (32, true, _) => Kernel<Side4, Sums8x8>,
            _ => Kernel<Side4, Sums4x4>,
        };
        gpu.Launch(grid, kernel, features, rows, offsets, pairs, counts, means, batchMeans, target, work);
    }

    // Rows of a part, whole panels.
    private static int PartLength(int length, int splits) => ((length + splits - 1) / splits + PanelQuads.Depth - 1) / PanelQuads.Depth * PanelQuads.Depth;

    private static double Between(long before, int added) => (double)before * added / (before + added);

    private static double BetweenTerm(double between, ArrayView<double> means, ArrayView<double> batchMean, int bin, int width, int i, int j) =>
        between == 0 ? 0.0 : between * (batchMean[i] - means[(long)bin * width + i]) * (batchMean[j] - means[(long)bin * width + j]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadCentred(
        ref PanelQuads quads, ArrayView<float> features, ArrayView<int> rows, ArrayView<double> mean, int column, int k, int end, in Work work, int tile, int threads)
    {
        int runs = PanelQuads.Depth * tile / 4 / threads, thread = Group.IdxX;
        quads.Q0 = ReadOne(features, rows, mean, column, k, end, work, tile, thread);
        if (runs > 1)
        {
            quads.Q1 = ReadOne(features, rows, mean, column, k, end, work, tile, thread + threads);
        }

        if (runs > 2)
        {
            quads.Q2 = ReadOne(features, rows, mean, column, k, end, work, tile, thread + 2 * threads);
            quads.Q3 = ReadOne(features, rows, mean, column, k, end, work, tile, thread + 3 * threads);
        }
    }

    private static F4 ReadOne(
        ArrayView<float> features, ArrayView<int> rows, ArrayView<double> mean, int column, int k, int end, in Work work, int tile, int quad)
    {
        int at = column + quad % (tile / 4) * 4, position = k + quad / (tile / 4), left = position < end ? work.Width - at : 0;
        if (left <= 0)
        {
            return new F4(0f, 0f, 0f, 0f);
        }

        long index = (long)rows[position] * work.Width + at;
        if (left >= 4 && work.Aligned != 0)
        {
            F4 x = features.Cast<F4>()[index / 4];
            return new F4((float)(x.X - mean[at]), (float)(x.Y - mean[at + 1]), (float)(x.Z - mean[at + 2]), (float)(x.W - mean[at + 3]));
        }

        return new F4(
            (float)(features[index] - mean[at]),
            left > 1 ? (float)(features[index + 1] - mean[at + 1]) : 0f,
            left > 2 ? (float)(features[index + 2] - mean[at + 2]) : 0f,
            left > 3 ? (float)(features[index + 3] - mean[at + 3]) : 0f);
    }

    // Rolled over the rows of the thread: the choice of a register costs little against the sums before it.
    private static void Flush<TSums>(ArrayView<double> target, in TSums total, int row, int column, int side, int bin, bool flushed, in Work work)
        where TSums : struct, IAccumulators<TSums>
    {
        bool add = work.Splits == 1 || flushed;
        long origin = ((long)(work.Splits == 1 ? 0 : Grid.IdxY) * work.Bins + bin) * work.Width * work.BlockSize;
        int rowEnd = BlockTiles.End(row, work.Extent, work.Width, work.BlockSize);
        for (int r = 0; r < 4 * TSums.Runs; r++)
        {
            int i = row + TSums.RowOf(Group.IdxX, r, side);
            for (int run = 0; run < TSums.Runs && i < rowEnd; run++)
            {
                F4 sum = total.Get(r, run);
                int j = column + TSums.ColumnOf(Group.IdxX, run, side);
                Add(target, origin, i, j, work.BlockSize, sum.X, add);
                Add(target, origin, i, j + 1, work.BlockSize, sum.Y, add);
                Add(target, origin, i, j + 2, work.BlockSize, sum.Z, add);
                Add(target, origin, i, j + 3, work.BlockSize, sum.W, add);
            }
        }
    }

    private static void Add(ArrayView<double> target, long origin, int i, int j, int blockSize, double value, bool add)
    {
        int start = i - i % blockSize;
        if (j <= i && j >= start)
        {
            long at = origin + (long)i * blockSize + j - start;
            target[at] = add ? target[at] + value : value;
        }
    }

    private static void AddBetween<TSums>(
        ArrayView<double> target, ArrayView<long> counts, ArrayView<double> means, ArrayView<double> mean, int row, int column, int side, int bin, int length, in Work work)
        where TSums : struct, IAccumulators<TSums>
    {
        double between = Between(counts[bin], length);
        if (between == 0)
        {
            return;
        }

        long origin = (long)bin * work.Width * work.BlockSize;
        int rowEnd = BlockTiles.End(row, work.Extent, work.Width, work.BlockSize);
        for (int r = 0; r < 4 * TSums.Runs; r++)
        {
            int i = row + TSums.RowOf(Group.IdxX, r, side);
            for (int c = 0; c < 4 * TSums.Runs && i < rowEnd; c++)
            {
                int j = column + TSums.ColumnOf(Group.IdxX, c / 4, side) + c % 4;
                if (j <= i && j >= i - i % work.BlockSize)
                {
                    Add(target, origin, i, j, work.BlockSize, BetweenTerm(between, means, mean, bin, work.Width, i, j), true);
                }
            }
        }
    }

    /// <summary>Sizes of the work.</summary>
    internal struct Work
    {
        public int Bins;
        public int Tiles;
        public int Width;
        public int BlockSize;
        public int Extent;
        public int Splits;
        public int Aligned;
    }
}
