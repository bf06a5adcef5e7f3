using DirKernels.Backends.Cpu;
using DirKernels.Benchmarks.Peers;

namespace DirKernels.TorchBenchmarks;

/// <summary>A row of the table.</summary>
/// <param name="Name">As in <c>quick</c>.</param>
/// <param name="Goal">How many times as fast as libtorch the library means to be; null where its goal is a share of what memory gives.</param>
/// <param name="Create">The library and formulations of the same work in libtorch, on operands of their own.</param>
internal sealed record TorchRow(string Name, double? Goal, Func<CpuBackend, PeerSet> Create);
