using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>A network on a backend and the scaling of its targets.</summary>
/// <param name="Network">Parameters.</param>
/// <param name="Scaling">Scaling of the targets.</param>
internal sealed record ScaledNetwork(RegressionNetwork Network, TargetScaling Scaling)
{
    /// <summary>Copies it to the host.</summary>
    public NetworkSnapshot Download()
    {
        IBackend backend = Network.Backend;
        return new NetworkSnapshot(backend.Download(Network.Parameters), backend.Download(Network.NormalizationStatistics), Scaling);
    }
}
