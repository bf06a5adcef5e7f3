using DirKernels.Backends;
using DirKernels.Conformance;

namespace DirKernels.Gpu.Tests;

/// <summary>The conformance suite on the kernel compiler's simulation: every kernel runs, in small groups.</summary>
public sealed class SimulatedConformanceTests : BackendConformance
{
    protected override IBackend CreateBackend() => new GpuBackend(SimulatedDevice.Runtime, ownsRuntime: false);
}
