using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Batch normalisation in prediction: an affine map of each column. Launch: groups of 256 in a loop over the elements. 8 bytes an element, the columns' constants come from
/// the caches. Deterministic; six roundings.
/// </summary>
internal static class BatchNormalizeFixedKernel
{
    public static void Run(
        GpuRuntime gpu, ArrayView<float> x, int width, ArrayView<float> gain, ArrayView<float> offset, float epsilon, ArrayView<float> running, ArrayView<float> y)
    {
        if (x.Length > 0)
        {
            gpu.Launch(gpu.Elements(x.Length), Kernel, x, gain, offset, running, y, x.Length, width, epsilon);
        }
    }

    public static void Kernel(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> offset, ArrayView<float> running, ArrayView<float> y, long count, int width, float epsilon)
    {
        long step = (long)Grid.DimX * Group.DimX;
        for (long i = Grid.GlobalIndex.X; i < count; i += step)
        {
            int column = (int)(i % width);
            float factor = gain[column] / MathF.Sqrt(running[width + column] + epsilon);
            y[i] = (x[i] - running[column]) * factor + offset[column];
        }
    }
}
