using DirKernels.Backends;
using DirKernels.Backends.Cpu;

namespace DirKernels.Networks;

/// <summary>A network on the CPU that many read and nobody writes; its memory goes with the last of its users.</summary>
internal sealed class SharedNetwork
{
    private int _users = 1;

    /// <summary>Copies a network; the caller is its first user.</summary>
    /// <param name="shape">Sizes and functions.</param>
    /// <param name="parameters">Laid out by <see cref="ParameterLayout"/>; copied.</param>
    /// <param name="normalizationStatistics">Running statistics of batch normalisation; copied.</param>
    /// <param name="scaling">Scaling of the targets; copied.</param>
    /// <param name="threads">Threads that share a large batch.</param>
    public SharedNetwork(NetworkShape shape, ReadOnlySpan<float> parameters, ReadOnlySpan<float> normalizationStatistics, TargetScaling scaling, int threads)
    {
        scaling.ThrowIfNotOf(shape);
        Network = new RegressionNetwork(shape, new CpuBackend(threads), parameters, normalizationStatistics);
        Scaling = new TargetScaling([.. scaling.Mean], [.. scaling.Scale]);
    }

    /// <summary>Copies a model, wherever it lies.</summary>
    public static SharedNetwork CopyOf(RegressionModel model, int threads)
    {
        ArgumentNullException.ThrowIfNull(model);
        RegressionNetwork network = model.Network;
        return new SharedNetwork(
            network.Shape, network.Backend.Download(network.Parameters), network.Backend.Download(network.NormalizationStatistics), model.Scaling, threads);
    }

    public RegressionNetwork Network { get; }

    public TargetScaling Scaling { get; }

    /// <summary>Adds a user; false when the last one has gone.</summary>
    public bool TryUse()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    /// <summary>A user goes.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Network.Dispose();
            Network.Backend.Dispose();
        }
    }
}
