using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// <c>y_i = x_i / (1 - rate)</c> where the random number of (stream, i) is at least rate, else 0. Launch: groups of 256 in a loop over the elements. 8 bytes and
/// about 20 integer operations an element. Deterministic: the numbers are a function of the index, the same as on the CPU.
/// </summary>
internal static class DropoutKernel
{
    public static void Run(GpuRuntime gpu, ArrayView<float> x, float rate, ulong stream, ArrayView<float> y)
    {
        if (x.Length > 0)
        {
            gpu.Launch(gpu.Elements(x.Length), Kernel, x, y, x.Length, rate, stream);
        }
    }

    public static void Kernel(ArrayView<float> x, ArrayView<float> y, long count, float rate, ulong stream)
    {
        float scale = 1f / (1f - rate);
        long step = (long)Grid.DimX * Group.DimX;
        for (long i = Grid.GlobalIndex.X; i < count; i += step)
        {
            y[i] = CounterRandom.Uniform(stream, (ulong)i) >= rate ? x[i] * scale : 0f;
        }
    }
}
