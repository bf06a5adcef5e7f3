using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Counts of labels in bins, and the first label that is no finite number.
/// </summary>
/// <remarks>
/// Launch: groups of 256 in a loop over the labels. Counters in shared memory, 16 KiB, a copy for each warp as long as they fit, so that threads of the common bins meet less often;
/// above 4096 bins in device memory. 8 bytes a label. Integer atomics only: the same counts every run.
/// </remarks>
internal static class CountLabelsKernel
{
    private const int Counters = 4096;
    private const int Warp = 32;

    /// <summary>Launches the count; <paramref name="counts"/> receives B counts and then the row of the first label that is not finite, or <see cref="long.MaxValue"/>.</summary>
    public static void Run(GpuRuntime gpu, ArrayView<double> labels, LabelBins bins, ArrayView<long> counts)
    {
        gpu.Launch(gpu.Elements(bins.Count + 1), Reset, counts, bins.Count);
        if (labels.Length > 0)
        {
            int copies = Math.Clamp(Counters / bins.Count, 0, Math.Max(1, gpu.Scale.GroupSize / Warp));
            gpu.Launch(gpu.Elements(labels.Length), Kernel, labels, LabelBinning.Of(gpu, bins), counts, labels.Length, copies);
        }
    }

    public static void Reset(ArrayView<long> counts, int bins)
    {
        for (int b = Grid.GlobalIndex.X; b <= bins; b += Grid.DimX * Group.DimX)
        {
            counts[b] = b < bins ? 0 : long.MaxValue;
        }
    }

    public static void Kernel(ArrayView<double> labels, LabelBinning binning, ArrayView<long> counts, long count, int copies)
    {
        ArrayView<int> counters = SharedMemory.Allocate<int>(Counters);
        int bins = binning.Count;
        for (int at = Group.IdxX; at < copies * bins; at += Group.DimX)
        {
            counters[at] = 0;
        }

        Group.Barrier();
        int copy = copies == 0 ? 0 : Group.IdxX / Warp % copies * bins;
        long step = (long)Grid.DimX * Group.DimX;
        for (long i = Grid.GlobalIndex.X; i < count; i += step)
        {
            double label = labels[i];
            if (!(Math.Abs(label) <= double.MaxValue))
            {
                Atomic.Min(ref counts[bins], i);
            }
            else if (copies == 0)
            {
                Atomic.Add(ref counts[binning.IndexOf(label)], 1L);
            }
            else
            {
                Atomic.Add(ref counters[copy + binning.IndexOf(label)], 1);
            }
        }

        Group.Barrier();
        for (int b = Group.IdxX; b < bins && copies > 0; b += Group.DimX)
        {
            int sum = 0;
            for (int other = 0; other < copies; other++)
            {
                sum += counters[other * bins + b];
            }

            if (sum > 0)
            {
                Atomic.Add(ref counts[b], sum);
            }
        }
    }
}
