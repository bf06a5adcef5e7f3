using DirKernels.Backends;
using DirKernels.Conformance;
using Xunit;

namespace DirKernels.Gpu.Tests;

/// <summary>The conformance suite on a real device; skipped, with the reason, where there is none.</summary>
public abstract class DeviceConformance(GpuDeviceKind kind) : BackendConformance
{
    // A context, its kernels and their assembly take seconds: one device for all tests of a kind.
    private static readonly Dictionary<GpuDeviceKind, GpuRuntime> _runtimes = [];

    protected override IBackend CreateBackend()
    {
        lock (_runtimes)
        {
            if (!_runtimes.TryGetValue(kind, out GpuRuntime? runtime))
            {
                try
                {
                    runtime = new GpuRuntime(kind, 0);
                }
                catch (GpuUnavailableException absent)
                {
                    Assert.Skip(absent.Message);
                }

                _runtimes.Add(kind, runtime);
            }

            return new GpuBackend(runtime, ownsRuntime: false);
        }
    }
}

public sealed class CudaConformanceTests() : DeviceConformance(GpuDeviceKind.Cuda);

public sealed class OpenClConformanceTests() : DeviceConformance(GpuDeviceKind.OpenCl);
