using System.Numerics;
using System.Runtime.InteropServices;

namespace DirKernels.Networks;

/// <summary>Passes over one network that calls from any thread take and give back: lock-free, allocated when all are in use, and kept up to a limit.</summary>
/// <remarks>
/// Each processor looks into a slot of its own first, where the pass lies whose buffers are in its cache; then into the others. A pass is taken out of its
/// slot by exchanging it for null and put back by exchanging null for it, so that no two calls hold the same one.
/// </remarks>
internal sealed class PredictionPool
{
    private readonly SharedNetwork _network;
    private readonly Slot[] _slots;
    private volatile bool _closed;

    /// <summary>An empty pool.</summary>
    /// <param name="network">The network; the pool is a user as long as it is open, and so is each pass.</param>
    public PredictionPool(SharedNetwork network)
    {
        _network = network;

        // More callers than processors hold a pass at once only while some of them are preempted.
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)Math.Max(32, 4 * Environment.ProcessorCount))];
    }

    /// <summary>Passes that are kept at most.</summary>
    public int Capacity => _slots.Length;

    /// <summary>Whether <see cref="Close"/> was called.</summary>
    public bool IsClosed => _closed;

    /// <summary>A pass for the caller alone; null when the pool is closed.</summary>
    public PredictionPass? Take()
    {
        if (_closed)
        {
            return null;
        }

        Slot[] slots = _slots;
        int home = Thread.GetCurrentProcessorId();
        for (int i = 0; i < slots.Length; i++)
        {
            ref PredictionPass? slot = ref slots[(home + i) & (slots.Length - 1)].Pass;
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } pass)
            {
                return pass;
            }
        }

        return _network.TryUse() ? new PredictionPass(_network.Network) : null;
    }

    /// <summary>Gives a pass back.</summary>
    public void Return(PredictionPass pass)
    {
        Slot[] slots = _slots;
        int home = Thread.GetCurrentProcessorId();
        for (int i = 0; i < slots.Length; i++)
        {
            ref PredictionPass? slot = ref slots[(home + i) & (slots.Length - 1)].Pass;
            if (slot is null && Interlocked.CompareExchange(ref slot, pass, null) is null)
            {
                // Closed in between: nobody may come to empty the slot again.
                if (_closed)
                {
                    Drain();
                }

                return;
            }
        }

        Free(pass);
    }

    /// <summary>Frees all passes, those in use when they are given back. Once is enough, more does no harm.</summary>
    public void Close()
    {
        _closed = true;
        Interlocked.MemoryBarrier();
        Drain();
    }

    private void Drain()
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            if (Interlocked.Exchange(ref _slots[i].Pass, null) is { } pass)
            {
                Free(pass);
            }
        }
    }

    private void Free(PredictionPass pass)
    {
        pass.Dispose();
        _network.Release();
    }

    /// <summary>A place for a pass, alone in its cache lines.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct Slot
    {
        public PredictionPass? Pass;
    }
}
