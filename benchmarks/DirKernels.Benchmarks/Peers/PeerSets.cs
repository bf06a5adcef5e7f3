using DirKernels.Backends.Cpu;
using MathNet.Numerics;

namespace DirKernels.Benchmarks.Peers;

/// <summary>All stages that have peers, made one at a time so that they do not share memory.</summary>
internal static class PeerSets
{
    private static readonly int[][] _networks = [[8, 64, 64, 1], [13, 256, 256, 256, 1], [512, 256, 128, 1]];

    /// <summary>The stages by their names.</summary>
    public static IReadOnlyList<(string Group, Func<CpuBackend, PeerSet> Create)> All { get; } =
    [
        ("labels", _ => LabelPeers.Create(10_000_000)),
        ("moments diag 64", backend => MomentPeers.Create(backend, 64, full: false)),
        ("moments diag 512", backend => MomentPeers.Create(backend, 512, full: false)),
        ("moments full 64", backend => MomentPeers.Create(backend, 64, full: true)),
        ("calibrate diag 64", backend => CalibrationPeers.Create(backend, 64, full: false)),
        ("calibrate full 64", backend => CalibrationPeers.Create(backend, 64, full: true)),
        ("maps 64", backend => MapPeers.Create(backend, 64)),
        .. new[] { 1, 4096 }.SelectMany(batch => _networks.Select(widths =>
            ($"predict {string.Join("-", widths)} x{batch}", (Func<CpuBackend, PeerSet>)(backend => PredictionPeers.Create(backend, widths, batch))))),
    ];

    /// <summary>MathNet on one thread in managed code, as everything else is on one thread.</summary>
    public static void ConfigurePeers()
    {
        Control.UseManaged();
        Control.UseSingleThread();
    }
}
