using System.Numerics;
using System.Runtime.InteropServices;

namespace DirKernels.Networks;

/// <summary>Passes over the networks of a model that calls from any thread hold for a moment: lock-free, made when all are held, and kept up to a limit.</summary>
/// <remarks>
/// Each processor looks into a slot of its own first, where the pass lies whose buffers are in its cache; then into the others. Holding one costs one atomic
/// instruction and giving it back a plain write: the fence that closing needs is paid by closing, for all processors.
/// </remarks>
internal sealed class PredictionPool
{
    private const int Nowhere = -1;

    private readonly SharedNetworks _networks;
    private readonly Slot[] _slots;
    private volatile bool _closed;

    /// <summary>An empty pool.</summary>
    /// <param name="networks">The networks, of which each pass is a user.</param>
    public PredictionPool(SharedNetworks networks)
    {
        _networks = networks;

        // More callers than processors hold a pass at once only while some of them are preempted.
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)Math.Max(32, 4 * Environment.ProcessorCount))];
    }

    /// <summary>Passes that are kept at most.</summary>
    public int Capacity => _slots.Length;

    /// <summary>Whether <see cref="Close"/> was called.</summary>
    public bool IsClosed => _closed;

    /// <summary>A pass for the caller alone; none when the pool is closed.</summary>
    public Lease Take()
    {
        if (_closed)
        {
            return default;
        }

        Slot[] slots = _slots;
        int home = Thread.GetCurrentProcessorId();
        for (int i = 0; i < slots.Length; i++)
        {
            int place = (home + i) & (slots.Length - 1);
            if (slots[place].Pass is not null && slots[place].TryHold())
            {
                return new Lease(slots[place].Pass, place);
            }
        }

        return TakeNew(home);
    }

    /// <summary>Gives a pass back.</summary>
    public void Return(Lease lease)
    {
        if (lease.Place == Nowhere)
        {
            Free(lease.Pass!);
            return;
        }

        ref Slot slot = ref _slots[lease.Place];
        slot.LetGo();

        // Closed in between: whoever holds the slot first frees its pass.
        if (_closed && slot.TryHold())
        {
            Empty(ref slot);
        }
    }

    /// <summary>Frees all passes, those in use when they are given back. Once is enough, more does no harm.</summary>
    public void Close()
    {
        _closed = true;

        // From here on a pass is either seen to be free below, or its holder sees that the pool is closed.
        Interlocked.MemoryBarrierProcessWide();
        for (int i = 0; i < _slots.Length; i++)
        {
            if (_slots[i].TryHold())
            {
                Empty(ref _slots[i]);
            }
        }
    }

    private Lease TakeNew(int home)
    {
        if (!_networks.TryUse())
        {
            return default;
        }

        var pass = new EnsemblePass(_networks.Networks);
        for (int i = 0; i < _slots.Length; i++)
        {
            int place = (home + i) & (_slots.Length - 1);
            ref Slot slot = ref _slots[place];
            if (slot.Pass is null && slot.TryHold())
            {
                if (slot.Pass is null)
                {
                    slot.Pass = pass;
                    return new Lease(pass, place);
                }

                slot.LetGo();
            }
        }

        return new Lease(pass, Nowhere);
    }

    // The slot stays held: nothing comes into it again.
    private void Empty(ref Slot slot)
    {
        if (slot.Pass is { } pass)
        {
            slot.Pass = null;
            Free(pass);
        }
    }

    private void Free(EnsemblePass pass)
    {
        pass.Dispose();
        _networks.Release();
    }

    /// <summary>A pass that the caller holds, and where it goes back.</summary>
    public readonly record struct Lease(EnsemblePass? Pass, int Place);

    /// <summary>A place for a pass, alone in its cache lines; the pass changes only while the slot is held.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct Slot
    {
        public EnsemblePass? Pass;
        private int _held;

        public bool TryHold() => Volatile.Read(ref _held) == 0 && Interlocked.CompareExchange(ref _held, 1, 0) == 0;

        public void LetGo() => Volatile.Write(ref _held, 0);
    }
}
