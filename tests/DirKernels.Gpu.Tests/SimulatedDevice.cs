namespace DirKernels.Gpu.Tests;

/// <summary>One simulated device for all tests: a context costs a fifth of a second, and its kernels are compiled once.</summary>
internal static class SimulatedDevice
{
    private static readonly Lazy<GpuRuntime> _runtime = new(() => new GpuRuntime(GpuDeviceKind.Simulated, 0));

    public static GpuRuntime Runtime => _runtime.Value;
}
