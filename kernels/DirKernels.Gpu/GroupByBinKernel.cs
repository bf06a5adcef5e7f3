using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Stable counting sort of row numbers by bin: counts of each chunk of rows in shared memory, a scan over chunks and bins, and a pass that ranks the rows of a chunk piece by
/// piece.
/// </summary>
/// <remarks>
/// Launch: up to 2048 rows one group does it all; otherwise four launches, chunks of 4096 rows or more, one group each. Up to 4096 bins are counted at a time, more in further
/// groups that read the rows again. Shared memory: 16 KiB of counters, 1 KiB for the rows of a piece. 12 bytes a row. Integer atomics only: the same bits every run.
/// </remarks>
internal static class GroupByBinKernel
{
    /// <summary>Bins that one group counts.</summary>
    private const int BinsOfGroup = 4096;

    private const int LargestOfOneGroup = 2048;

    public static void Run(GpuRuntime gpu, ArrayView<int> bins, ArrayView<int> rows, ArrayView<int> offsets)
    {
        int count = (int)bins.Length, binCount = (int)offsets.Length - 1, threads = gpu.Scale.GroupSize;
        if (count <= LargestOfOneGroup / (LaunchScale.LargestGroup / threads) && binCount <= BinsOfGroup)
        {
            gpu.Launch(new KernelConfig(1, threads), Small, bins, rows, offsets, count, binCount);
            return;
        }

        int chunks = Math.Clamp(count / (16 * threads), 1, 2 * gpu.Scale.Multiprocessors), ranges = (binCount + BinsOfGroup - 1) / BinsOfGroup;
        int chunk = ((count + chunks - 1) / chunks + threads - 1) / threads * threads;
        ArrayView<int> table = gpu.Scratch<int>("bin counts of chunks", (long)chunks * binCount), totals = gpu.Scratch<int>("bin totals", binCount);
        var grid = new KernelConfig((chunks, ranges, 1), (threads, 1, 1));
        gpu.Launch(grid, CountChunks, bins, table, count, chunk, binCount);
        gpu.Launch(new KernelConfig(Math.Min(binCount, 65_535), threads), ScanChunks, table, totals, chunks, binCount);
        gpu.Launch(new KernelConfig(1, threads), ScanBins, totals, offsets, binCount);
        gpu.Launch(grid, PlaceChunks, bins, table, offsets, rows, count, chunk, binCount);
    }

    /// <summary>All of a small batch in one group.</summary>
    public static void Small(ArrayView<int> bins, ArrayView<int> rows, ArrayView<int> offsets, int count, int binCount)
    {
        ArrayView<int> starts = SharedMemory.Allocate<int>(BinsOfGroup), piece = SharedMemory.Allocate<int>(LaunchScale.LargestGroup);
        Count(bins, starts, 0, count, 0, binCount);
        ScanGroup(starts, piece, binCount);
        for (int b = Group.IdxX; b < binCount; b += Group.DimX)
        {
            offsets[b] = starts[b];
        }

        if (Group.IdxX == 0)
        {
            offsets[binCount] = count;
        }

        Group.Barrier();
        Place(bins, rows, starts, piece, 0, count, 0, binCount);
    }

    /// <summary>table[chunk, b] = rows of bin b in a chunk.</summary>
    public static void CountChunks(ArrayView<int> bins, ArrayView<int> table, int count, int chunk, int binCount)
    {
        ArrayView<int> counts = SharedMemory.Allocate<int>(BinsOfGroup);
        int first = Grid.IdxY * BinsOfGroup, range = IntrinsicMath.Min(BinsOfGroup, binCount - first), start = Grid.IdxX * chunk;
        Count(bins, counts, start, IntrinsicMath.Min(count, start + chunk), first, range);
        for (int b = Group.IdxX; b < range; b += Group.DimX)
        {
            table[(long)Grid.IdxX * binCount + first + b] = counts[b];
        }
    }

    /// <summary>For each bin: table[chunk, b] becomes the rows of the bin before the chunk, totals[b] all of them.</summary>
    public static void ScanChunks(ArrayView<int> table, ArrayView<int> totals, int chunks, int binCount)
    {
        ArrayView<int> sums = SharedMemory.Allocate<int>(LaunchScale.LargestGroup);
        int run = (chunks + Group.DimX - 1) / Group.DimX, first = Group.IdxX * run, end = IntrinsicMath.Min(chunks, first + run);
        for (int b = Grid.IdxX; b < binCount; b += Grid.DimX)
        {
            int sum = 0;
            for (int c = first; c < end; c++)
            {
                sum += table[(long)c * binCount + b];
            }

            int before = ScanThreads(sums, sum);
            for (int c = first; c < end; c++)
            {
                int here = table[(long)c * binCount + b];
                table[(long)c * binCount + b] = before;
                before += here;
            }

            if (Group.IdxX == Group.DimX - 1)
            {
                totals[b] = before;
            }
        }
    }

    /// <summary>offsets[b] = rows of all bins before b.</summary>
    public static void ScanBins(ArrayView<int> totals, ArrayView<int> offsets, int binCount)
    {
        ArrayView<int> sums = SharedMemory.Allocate<int>(LaunchScale.LargestGroup);
        int run = (binCount + Group.DimX - 1) / Group.DimX, first = Group.IdxX * run, end = IntrinsicMath.Min(binCount, first + run);
        int sum = 0;
        for (int b = first; b < end; b++)
        {
            sum += totals[b];
        }

        int before = ScanThreads(sums, sum);
        for (int b = first; b < end; b++)
        {
            offsets[b] = before;
            before += totals[b];
        }

        if (Group.IdxX == Group.DimX - 1)
        {
            offsets[binCount] = before;
        }
    }

    /// <summary>Places the rows of a chunk.</summary>
    public static void PlaceChunks(ArrayView<int> bins, ArrayView<int> table, ArrayView<int> offsets, ArrayView<int> rows, int count, int chunk, int binCount)
    {
        ArrayView<int> starts = SharedMemory.Allocate<int>(BinsOfGroup), piece = SharedMemory.Allocate<int>(LaunchScale.LargestGroup);
        int first = Grid.IdxY * BinsOfGroup, range = IntrinsicMath.Min(BinsOfGroup, binCount - first), start = Grid.IdxX * chunk;
        for (int b = Group.IdxX; b < range; b += Group.DimX)
        {
            starts[b] = offsets[first + b] + table[(long)Grid.IdxX * binCount + first + b];
        }

        Group.Barrier();
        Place(bins, rows, starts, piece, start, IntrinsicMath.Min(count, start + chunk), first, range);
    }

    private static void Count(ArrayView<int> bins, ArrayView<int> counts, int start, int end, int firstBin, int range)
    {
        for (int b = Group.IdxX; b < range; b += Group.DimX)
        {
            counts[b] = 0;
        }

        Group.Barrier();
        for (int i = start + Group.IdxX; i < end; i += Group.DimX)
        {
            int b = bins[i] - firstBin;
            if (b >= 0 && b < range)
            {
                Atomic.Add(ref counts[b], 1);
            }
        }

        Group.Barrier();
    }

    // Piece by piece of a row for each thread: a row's place is its bin's start and the number of rows of the same bin before it in the piece.
    private static void Place(ArrayView<int> bins, ArrayView<int> rows, ArrayView<int> starts, ArrayView<int> piece, int start, int end, int firstBin, int range)
    {
        for (int from = start; from < end; from += Group.DimX)
        {
            int i = from + Group.IdxX, b = i < end ? bins[i] - firstBin : -1;
            piece[Group.IdxX] = b;
            Group.Barrier();
            bool mine = b >= 0 && b < range;
            if (mine)
            {
                int before = 0;
                for (int other = 0; other < Group.IdxX; other++)
                {
                    before += piece[other] == b ? 1 : 0;
                }

                rows[starts[b] + before] = i;
            }

            Group.Barrier();
            if (mine)
            {
                // Seen by all after the barrier that follows the next piece.
                Atomic.Add(ref starts[b], 1);
            }
        }
    }

    /// <summary>Turns counts into starts, in place.</summary>
    private static void ScanGroup(ArrayView<int> counts, ArrayView<int> sums, int length)
    {
        int run = (length + Group.DimX - 1) / Group.DimX, first = Group.IdxX * run, end = IntrinsicMath.Min(length, first + run), sum = 0;
        for (int b = first; b < end; b++)
        {
            sum += counts[b];
        }

        int before = ScanThreads(sums, sum);
        for (int b = first; b < end; b++)
        {
            int here = counts[b];
            counts[b] = before;
            before += here;
        }

        Group.Barrier();
    }

    /// <summary>The sum of the values of all threads before this one.</summary>
    private static int ScanThreads(ArrayView<int> sums, int value)
    {
        int thread = Group.IdxX;
        sums[thread] = value;
        Group.Barrier();
        for (int distance = 1; distance < Group.DimX; distance *= 2)
        {
            int added = thread >= distance ? sums[thread - distance] : 0;
            Group.Barrier();
            sums[thread] += added;
            Group.Barrier();
        }

        int before = thread == 0 ? 0 : sums[thread - 1];
        Group.Barrier();
        return before;
    }
}
