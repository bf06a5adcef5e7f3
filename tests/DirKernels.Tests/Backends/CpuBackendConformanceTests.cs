namespace DirKernels.Tests.Backends;

public sealed class OneThreadConformanceTests() : CpuBackendConformance(1);

public sealed class ThreeThreadsConformanceTests() : CpuBackendConformance(3);
