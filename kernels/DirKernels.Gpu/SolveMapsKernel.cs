using DirKernels.Backends;
using ILGPU;
using ILGPU.Runtime;

namespace DirKernels.Gpu;

/// <summary>
/// Whitening and re-colouring maps of all bins: one launch for what needs no factorisation (shifts, the diagonal kind, bins that pass through), then the blocks of the other bins in
/// batches through <see cref="CholeskyKernel"/> and <see cref="TriangularSolveKernel"/>, in double precision.
/// </summary>
/// <remarks>
/// Launch of the first: a group for each bin. Blocks that fail are tried again with growing ridges, only those; what happened to each block is all that the host reads.
/// Deterministic. Accuracy: double precision on single-precision statistics, rounded once.
/// </remarks>
internal static class SolveMapsKernel
{
    private const int Identity = 0;
    private const int Mapped = 1;
    private const int Diagonal = 2;
    private const int Blocks = 3;

    /// <summary>Bytes of double-precision matrices that are factorised at a time.</summary>
    private const long LargestBatch = 2L << 30;

    private static readonly double[] _ridges = [0, 1e-6, 1e-4, 1e-2];

    public static void Run(
        GpuRuntime gpu, in MapOptions mapping, BinShape shape, MapStatistics statistics, ArrayView<float> maps, ArrayView<float> shifts, Span<MapOutcome> outcomes)
    {
        if (shape.Bins == 0)
        {
            return;
        }

        var work = new Work
        {
            Width = shape.Dimensions,
            BlockSize = shape.BlockSize,
            ClipLower = mapping.ClipLower,
            ClipUpper = mapping.ClipUpper,
            Strength = mapping.Strength,
            MeanOnly = mapping.MeanOnly ? 1 : 0,
            Shrinkage = mapping.Shrinkage,
            EstimateShrinkage = mapping.EstimateShrinkage ? 1 : 0,
        };
        int[] treatment = Array.ConvertAll(mapping.Treatment.ToArray(), t => (int)t);
        ArrayView<int> treatments = gpu.Upload<int>("map treatments", treatment);
        ArrayView<long> samples = gpu.Upload("map samples", mapping.EstimateShrinkage ? mapping.SampleCounts.Span : new long[shape.Bins]);
        ArrayView<int> kinds = gpu.Scratch<int>("map kinds", shape.Bins);
        ArrayView<double> shrinkages = gpu.Scratch<double>("map shrinkages", shape.Bins);
        gpu.Launch(
            new KernelConfig(shape.Bins, gpu.Scale.GroupSize), Prepare, treatments, samples, statistics, kinds, shrinkages, maps, shifts, work);
        var kind = new int[shape.Bins];
        kinds.SubView(0, shape.Bins).CopyToCPU(gpu.Stream, kind);
        for (int b = 0; b < shape.Bins; b++)
        {
            outcomes[b] = kind[b] switch
            {
                Identity => MapOutcome.Identity,
                Diagonal => MapOutcome.TooFewSamples,
                _ => MapOutcome.Mapped,
            };
        }

        SolveBlocks(gpu, shape, statistics, shrinkages, maps, work, [.. Enumerable.Range(0, shape.Bins).Where(b => kind[b] == Blocks)], outcomes);
        int[] failed = [.. Enumerable.Range(0, shape.Bins).Where(b => kind[b] == Blocks)];
        failed = [.. FilterFailed(failed, outcomes)];
        if (failed.Length > 0)
        {
            ArrayView<int> bins = gpu.Upload<int>("map failures", failed);
            gpu.Launch(new KernelConfig(failed.Length, gpu.Scale.GroupSize), FillDiagonals, bins, statistics, maps, work);
        }
    }

    /// <summary>Shift of a bin, what becomes of its map, its shrinkage, and the map unless it has to be solved.</summary>
    public static void Prepare(
        ArrayView<int> treatments, ArrayView<long> samples, MapStatistics statistics, ArrayView<int> kinds, ArrayView<double> shrinkages, ArrayView<float> maps, ArrayView<float> shifts, Work work)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(LaunchScale.LargestGroup);
        int bin = Grid.IdxX;
        long covariance = (long)bin * work.Width * work.BlockSize;
        double sum = 0;
        for (int i = Group.IdxX; i < work.Width; i += Group.DimX)
        {
            sum += statistics.Running[covariance + (long)i * work.BlockSize + i % work.BlockSize];
        }

        // A bin whose variances sum to less has nothing to whiten.
        double total = GroupSum.OfAll(shared, sum);
        int kind = Mapped;
        if (treatments[bin] == (int)MapTreatment.Identity || (work.MeanOnly == 0 && total < 1e-10))
        {
            kind = Identity;
        }
        else if (work.MeanOnly == 0 && work.BlockSize > 1)
        {
            kind = treatments[bin] == (int)MapTreatment.Diagonal ? Diagonal : Blocks;
        }

        for (int i = Group.IdxX; i < work.Width; i += Group.DimX)
        {
            // A dimension without variance passes through, mean and all.
            long at = (long)bin * work.Width + i;
            bool moves = kind != Identity && (work.MeanOnly != 0 || statistics.Running[covariance + (long)i * work.BlockSize + i % work.BlockSize] > 0f);
            shifts[at] = moves ? work.Strength * (statistics.SmoothedMeans[at] - statistics.RunningMeans[at]) : 0f;
        }

        if (kind == Blocks)
        {
            double shrinkage = work.EstimateShrinkage == 0 ? work.Shrinkage : EstimateShrinkage(shared, statistics.Running, covariance, samples[bin], work);
            if (Group.IdxX == 0)
            {
                shrinkages[bin] = shrinkage;
            }
        }
        else
        {
            FillDiagonal(statistics, maps, covariance, kind != Identity && work.MeanOnly == 0, work);
        }

        if (Group.IdxX == 0)
        {
            kinds[bin] = kind;
        }
    }

    /// <summary>The diagonal maps of bins that could not be factorised.</summary>
    public static void FillDiagonals(ArrayView<int> bins, MapStatistics statistics, ArrayView<float> maps, Work work) =>
        FillDiagonal(statistics, maps, (long)bins[Grid.IdxX] * work.Width * work.BlockSize, true, work);

    private static IEnumerable<int> FilterFailed(int[] bins, Span<MapOutcome> outcomes)
    {
        var failed = new List<int>();
        foreach (int b in bins)
        {
            if (outcomes[b] == MapOutcome.NotPositiveDefinite)
            {
                failed.Add(b);
            }
        }

        return failed;
    }

    private static void SolveBlocks(
        GpuRuntime gpu, BinShape shape, MapStatistics statistics, ArrayView<double> shrinkages, ArrayView<float> maps, Work work, int[] bins, Span<MapOutcome> outcomes)
    {
        int g = shape.BlockSize, blocks = (shape.Dimensions + g - 1) / g;
        int batch = (int)Math.Clamp(Math.Min(LargestBatch, gpu.MemoryBytes / 8) / (2L * sizeof(double) * g * g), 1, 16_384);
        var pending = new List<int>(); // numbers of blocks, counted through all bins
        foreach (int bin in bins)
        {
            pending.AddRange(Enumerable.Range(bin * blocks, blocks));
        }

        for (int ridge = 0; ridge < _ridges.Length && pending.Count > 0; ridge++)
        {
            var failed = new List<int>();
            foreach (int[] some in pending.Chunk(batch))
            {
                int[] status = SolveBatch(gpu, shape, statistics, shrinkages, maps, work, some, _ridges[ridge]);
                for (int m = 0; m < some.Length; m++)
                {
                    int bin = some[m] / blocks;
                    if (status[m] != 0 || status[some.Length + m] != 0)
                    {
                        failed.Add(some[m]);
                    }
                    else if (ridge > 0)
                    {
                        outcomes[bin] = MapOutcome.Ridged;
                    }
                }
            }

            pending = failed;
        }

        foreach (int block in pending)
        {
            outcomes[block / blocks] = MapOutcome.NotPositiveDefinite;
        }
    }

    private static int[] SolveBatch(
        GpuRuntime gpu, BinShape shape, MapStatistics statistics, ArrayView<double> shrinkages, ArrayView<float> maps, Work work, int[] blocks, double ridge)
    {
        int g = shape.BlockSize, count = blocks.Length;
        var matrices = new FactorBatch
        {
            Count = count,
            BlockSize = g,
            Width = shape.Dimensions,
            Elements = gpu.Scratch<double>("map factors", 2L * count * g * g),
            Diagonals = gpu.Scratch<double>("map diagonals", 2L * count * g),
            Status = gpu.Scratch<int>("map status", 2 * count),
            Blocks = gpu.Upload<int>("map blocks", blocks),
        };
        CholeskyKernel.Load(gpu, matrices, statistics, shrinkages, ridge);
        CholeskyKernel.Factorise(gpu, matrices);
        TriangularSolveKernel.Solve(gpu, matrices);
        TriangularSolveKernel.Store(gpu, matrices, work.Strength, maps);
        var status = new int[2 * count];
        matrices.Status.SubView(0, 2 * count).CopyToCPU(gpu.Stream, status);
        return status;
    }

    private static void FillDiagonal(MapStatistics statistics, ArrayView<float> maps, long covariance, bool scaled, in Work work)
    {
        int length = work.Width * work.BlockSize;
        for (int at = Group.IdxX; at < length; at += Group.DimX)
        {
            int i = at / work.BlockSize;
            double value = 0;
            if (scaled && at % work.BlockSize == i % work.BlockSize)
            {
                float v = statistics.Running[covariance + at];
                if (v > 0f)
                {
                    // Comparisons, since a minimum would lose a NaN.
                    double ratio = (double)statistics.Smoothed[covariance + at] / v;
                    ratio = ratio < work.ClipLower ? work.ClipLower : ratio;
                    ratio = ratio > work.ClipUpper ? work.ClipUpper : ratio;
                    value = work.Strength * (Math.Sqrt(ratio) - 1.0);
                }
            }

            maps[covariance + at] = (float)value;
        }
    }

    // Oracle approximating shrinkage towards the diagonal; derivation at Shrinkage.Estimated.
    private static double EstimateShrinkage(ArrayView<double> shared, ArrayView<float> running, long covariance, long samples, in Work work)
    {
        int length = work.Width * work.BlockSize;
        double squares = 0, products = 0;
        for (int at = Group.IdxX; at < length; at += Group.DimX)
        {
            int i = at / work.BlockSize, start = i - i % work.BlockSize, j = start + at % work.BlockSize;
            if (j < i)
            {
                double entry = running[covariance + at];
                squares += entry * entry;
                products += (double)running[covariance + (long)i * work.BlockSize + i % work.BlockSize] * running[covariance + (long)j * work.BlockSize + j % work.BlockSize];
            }
        }

        double q = GroupSum.OfAll(shared, squares), p = GroupSum.OfAll(shared, products);
        if (!(q > 0))
        {
            return 1;
        }

        double estimate = (q + p) / (samples * q);
        return estimate < 1 ? estimate : 1;
    }

    /// <summary>Sizes and choices.</summary>
    internal struct Work
    {
        public int Width;
        public int BlockSize;
        public float ClipLower;
        public float ClipUpper;
        public float Strength;
        public float Shrinkage;
        public int MeanOnly;
        public int EstimateShrinkage;
    }
}

/// <summary>Statistics of all bins that whiten (running) and re-colour (smoothed): means [B x D], covariances [B x D x g].</summary>
internal struct MapStatistics
{
    public ArrayView<float> RunningMeans;
    public ArrayView<float> Running;
    public ArrayView<float> SmoothedMeans;
    public ArrayView<float> Smoothed;
}

/// <summary>
/// Matrices of a batch of blocks, first those that whiten, then those that re-colour: Elements [2 x count x g x g] row-major, lower triangles only; Diagonals [2 x count x g] as they were
/// before the factorisation; Status [2 x count], not 0 where a pivot failed; Blocks [count] numbers of the blocks through all bins.
/// </summary>
internal struct FactorBatch
{
    public ArrayView<double> Elements;
    public ArrayView<double> Diagonals;
    public ArrayView<int> Status;
    public ArrayView<int> Blocks;
    public int Count;
    public int BlockSize;
    public int Width;

    /// <summary>Blocks of one bin.</summary>
    public readonly int BlocksOfBin => (Width + BlockSize - 1) / BlockSize;

    /// <summary>Rows of a matrix: the last block of a bin may be smaller.</summary>
    public readonly int SizeOf(int matrix)
    {
        int start = Blocks[matrix % Count] % BlocksOfBin * BlockSize;
        return IntrinsicMath.Min(BlockSize, Width - start);
    }
}
