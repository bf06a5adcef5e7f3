using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Conformance;

namespace DirKernels.Tests.Backends;

/// <summary>The conformance suite on the processor: its results have the same bits for every number of threads.</summary>
public abstract class CpuBackendConformance(int threads) : BackendConformance
{
    // Two rounded factors, 64 additions of a run, at most 9 of its runs.
    protected override int BlockMomentsRoundings => 77;

    protected override IBackend CreateBackend() => new CpuBackend(threads);

    protected override IEnumerable<IBackend> CreateEquivalentBackends() => [new CpuBackend(1), new CpuBackend(2), new CpuBackend(3), new CpuBackend(8)];
}
