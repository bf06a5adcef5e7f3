using DirKernels.Backends;
using DirKernels.Gpu;
using ILGPU;

namespace DirKernels.GpuBenchmarks;

/// <summary>What the device can do, measured in the same run: bytes that a copy moves, and multiply-adds in registers.</summary>
/// <param name="CopyGbps">GB/s read and written by a copy.</param>
/// <param name="Tflops">Single-precision TFLOP/s.</param>
internal sealed record DevicePeaks(double CopyGbps, double Tflops)
{
    private const int Steps = 4096;

    public static DevicePeaks Measure(GpuBackend gpu, GpuRuntime runtime, BenchmarkSizes sizes)
    {
        int length = 5 * sizes.Elements;
        var copy = new TimedRow("copy", 8.0 * length, 0, () =>
        {
            DeviceBuffer<float> from = gpu.Allocate<float>(length), to = gpu.Allocate<float>(length);
            return (() => gpu.Copy<float>(from, to), [from, to]);
        });
        int groups = runtime.Scale.Groups, threads = runtime.Scale.GroupSize, steps = runtime.Scale.IsSimulated ? 16 : Steps;
        var multiply = new TimedRow("multiply-add", 0, 16.0 * steps * groups * threads, () =>
        {
            DeviceBuffer<float> result = gpu.Allocate<float>(groups * threads);
            ArrayView<float> view = ((GpuBuffer<float>)result).Elements;
            return (() => runtime.Launch(new KernelConfig(groups, threads), MultiplyAdd, view, 0.999f, 0.001f, steps), [result]);
        });
        return new DevicePeaks(Measurement.Run(gpu, copy, sizes).Gbps, Measurement.Run(gpu, multiply, sizes).Tflops);
    }

    /// <summary>Eight independent chains of multiply-adds in each thread.</summary>
    public static void MultiplyAdd(ArrayView<float> result, float a, float b, int steps)
    {
        float x = Grid.GlobalIndex.X;
        float s0 = x, s1 = x + 1f, s2 = x + 2f, s3 = x + 3f, s4 = x + 4f, s5 = x + 5f, s6 = x + 6f, s7 = x + 7f;
        for (int i = 0; i < steps; i++)
        {
            s0 = s0 * a + b;
            s1 = s1 * a + b;
            s2 = s2 * a + b;
            s3 = s3 * a + b;
            s4 = s4 * a + b;
            s5 = s5 * a + b;
            s6 = s6 * a + b;
            s7 = s7 * a + b;
        }

        result[Grid.GlobalIndex.X] = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7;
    }
}
