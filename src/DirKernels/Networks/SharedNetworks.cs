using DirKernels.Backends.Cpu;

namespace DirKernels.Networks;

/// <summary>The networks of a model on the CPU, which many read and nobody writes; their memory goes with the last of their users.</summary>
internal sealed class SharedNetworks
{
    private readonly CpuBackend _backend;
    private int _users = 1;

    /// <summary>Copies networks; the caller is their first user.</summary>
    /// <param name="shape">Sizes and functions of each.</param>
    /// <param name="networks">Their numbers, at least one; copied.</param>
    /// <param name="threads">Threads that share a large batch.</param>
    public SharedNetworks(NetworkShape shape, IReadOnlyList<NetworkSnapshot> networks, int threads)
    {
        _backend = new CpuBackend(threads);
        try
        {
            Networks = [.. networks.Select(network => network.Upload(shape, _backend))];
        }
        catch (ArgumentException)
        {
            _backend.Dispose();
            throw;
        }
    }

    /// <summary>Copies a model, wherever it lies.</summary>
    public static SharedNetworks CopyOf(RegressionModel model, int threads)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new SharedNetworks(model.Network.Shape, [.. model.Networks.Select(network => network.Download())], threads);
    }

    public IReadOnlyList<ScaledNetwork> Networks { get; }

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
            foreach (ScaledNetwork network in Networks)
            {
                network.Network.Dispose();
            }

            _backend.Dispose();
        }
    }
}
