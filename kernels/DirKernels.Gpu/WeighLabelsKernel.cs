using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// <c>weights_i = table[bin of label i]</c>. Launch: groups of 256 in a loop over the labels; the table in shared memory, 16 KiB, up to 4096 bins, beyond that in device memory. 12 bytes a
/// label. Exact.
/// </summary>
internal static class WeighLabelsKernel
{
    private const int LargestTable = 4096;

    public static void Run(GpuRuntime gpu, ArrayView<double> labels, LabelBins bins, ReadOnlySpan<float> table, ArrayView<float> weights)
    {
        if (labels.Length > 0)
        {
            gpu.Launch(gpu.Elements(labels.Length), Kernel, labels, LabelBinning.Of(gpu, bins), gpu.Upload("weight table", table), weights, labels.Length);
        }
    }

    public static void Kernel(ArrayView<double> labels, LabelBinning binning, ArrayView<float> table, ArrayView<float> weights, long count)
    {
        ArrayView<float> near = SharedMemory.Allocate<float>(LargestTable);
        bool fits = binning.Count <= LargestTable;
        for (int b = Group.IdxX; b < binning.Count && fits; b += Group.DimX)
        {
            near[b] = table[b];
        }

        Group.Barrier();
        long step = (long)Grid.DimX * Group.DimX;
        for (long i = Grid.GlobalIndex.X; i < count; i += step)
        {
            int bin = binning.IndexOf(labels[i]);
            weights[i] = fits ? near[bin] : table[bin];
        }
    }
}
