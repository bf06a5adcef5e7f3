using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// <c>L = (1/count) sum_i w_i l(e_i)</c> and its gradient. Launch: one group for a batch, which also adds the sum to the epoch's; from 65,536 elements on, many groups
/// whose sums a second launch adds in order. Shared memory 2 KiB. 12 bytes an element and 4 a row. Deterministic: double-precision sums by a fixed tree.
/// </summary>
internal static class LossGradientKernel
{
    private const int LargestOfOneGroup = 65_536;

    public static void Run(
        GpuRuntime gpu, RegressionLoss loss, ArrayView<float> prediction, ArrayView<float> target, ArrayView<float> weight, bool weighted, int targets, ArrayView<float> gradient, ArrayView<double> lossSum)
    {
        long count = prediction.Length;
        if (count == 0)
        {
            return;
        }

        int groups = count <= LargestOfOneGroup ? 1 : gpu.Elements(count).GridDim.X;
        ArrayView<double> sums = groups == 1 ? lossSum : gpu.Scratch<double>("loss sums", groups);
        var share = new Share { Count = count, Targets = targets, Weighted = weighted ? 1 : 0 };
        gpu.Launch(new KernelConfig(groups, gpu.Scale.GroupSize), Kernel, prediction, target, weight, gradient, sums, loss, share);
        if (groups > 1)
        {
            gpu.Launch(new KernelConfig(1, gpu.Scale.GroupSize), AddSums, sums, lossSum, groups, targets);
        }
    }

    public static void Kernel(
        ArrayView<float> prediction, ArrayView<float> target, ArrayView<float> weight, ArrayView<float> gradient, ArrayView<double> sums, RegressionLoss loss, Share share)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(LaunchScale.LargestGroup);
        float reciprocal = 1f / share.Count;
        double sum = 0;
        long step = (long)Grid.DimX * Group.DimX;
        for (long i = Grid.GlobalIndex.X; i < share.Count; i += step)
        {
            float w = share.Weighted == 0 ? 1f : weight[share.Targets == 1 ? i : i / share.Targets];
            sum += (double)w * LossFormula.Evaluate(loss, prediction[i] - target[i], out float derivative);
            gradient[i] = w * derivative * reciprocal;
        }

        double total = GroupSum.OfAll(shared, sum);
        if (Group.IdxX == 0)
        {
            // One group adds to the epoch's sum itself; several leave theirs to be added in order.
            sums[Grid.IdxX] = Grid.DimX == 1 ? sums[0] + total / share.Targets : total;
        }
    }

    public static void AddSums(ArrayView<double> sums, ArrayView<double> lossSum, int count, int targets)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(LaunchScale.LargestGroup);
        double sum = 0;
        for (int i = Group.IdxX; i < count; i += Group.DimX)
        {
            sum += sums[i];
        }

        double total = GroupSum.OfAll(shared, sum);
        if (Group.IdxX == 0)
        {
            lossSum[0] += total / targets;
        }
    }

    /// <summary>Sizes of a batch: n targets elements in all.</summary>
    internal struct Share
    {
        public long Count;
        public int Targets;
        public int Weighted;
    }
}
