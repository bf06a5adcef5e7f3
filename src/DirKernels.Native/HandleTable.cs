namespace DirKernels.Native;

/// <summary>The objects behind opaque handles. A handle is no address: it names a slot, the generation of what lies in it, and its kind.</summary>
/// <remarks>
/// <para>
/// A handle that was freed, belongs to another kind or was made up is found out, also when its slot has been used again: generations rise, and a
/// slot whose generations have run out is not used any more. Bits: 63..48 a mark that no address has, 47..44 kind, 43..20 generation, 19..0 slot.
/// </para>
/// <para>Looking up takes no lock and allocates nothing; adding and removing are rare and take one.</para>
/// </remarks>
internal static class HandleTable
{
    private const int SlotBits = 20;
    private const int GenerationBits = 24;
    private const ulong Mark = 0xD1C5;

    private static readonly Lock _lock = new();
    private static readonly Stack<int> _free = new();
    private static Entry?[] _entries = new Entry?[16];
    private static uint[] _generations = new uint[16];
    private static int _used;

    /// <summary>A handle of an object.</summary>
    public static nint Add(HandleKind kind, object target)
    {
        lock (_lock)
        {
            int slot = _free.TryPop(out int again) ? again : NewSlot();
            uint generation = _generations[slot];
            Volatile.Write(ref _entries[slot], new Entry(kind, generation, target));
            return (nint)((Mark << 48) | ((ulong)kind << 44) | ((ulong)generation << SlotBits) | (uint)slot);
        }
    }

    /// <summary>The object of a handle.</summary>
    /// <exception cref="NativeCallException">The handle is null, freed, of another kind or none.</exception>
    public static T Get<T>(nint handle, HandleKind kind)
        where T : class => Find(handle, kind).Target as T ?? throw Refused(handle, kind);

    /// <summary>Forgets a handle and gives its object, to be disposed of; null for a null handle.</summary>
    /// <exception cref="NativeCallException">The handle is freed, of another kind or none.</exception>
    public static object? Remove(nint handle, HandleKind kind)
    {
        if (handle == 0)
        {
            return null;
        }

        lock (_lock)
        {
            Entry entry = Find(handle, kind);
            int slot = SlotOf(handle);
            Volatile.Write(ref _entries[slot], null);
            if (++_generations[slot] < 1u << GenerationBits)
            {
                _free.Push(slot);
            }

            return entry.Target;
        }
    }

    private static int SlotOf(nint handle) => (int)handle & ((1 << SlotBits) - 1);

    private static Entry Find(nint handle, HandleKind kind)
    {
        Entry?[] entries = Volatile.Read(ref _entries);
        int slot = SlotOf(handle);
        ulong bits = (ulong)handle;
        return bits >> 48 == Mark && slot < entries.Length && Volatile.Read(ref entries[slot]) is { } entry
            && entry.Kind == kind && (ulong)kind == ((bits >> 44) & 0xF) && entry.Generation == (uint)((bits >> SlotBits) & ((1 << GenerationBits) - 1))
            ? entry
            : throw Refused(handle, kind);
    }

    private static NativeCallException Refused(nint handle, HandleKind kind)
    {
        ulong bits = (ulong)handle;
        string what = handle == 0 ? "is null"
            : bits >> 48 != Mark ? "was not made by this library"
            : (HandleKind)((bits >> 44) & 0xF) != kind ? $"is of {NameOf((HandleKind)((bits >> 44) & 0xF))}"
            : "was freed";
        return new NativeCallException(handle == 0 ? Status.BadArgument : Status.BadHandle, $"the handle of {NameOf(kind)} {what}");
    }

    private static string NameOf(HandleKind kind) => kind switch
    {
        HandleKind.Bins => "dk_bins",
        HandleKind.Moments => "dk_moments",
        HandleKind.FeatureSmoothing => "dk_fds",
        HandleKind.Model => "dk_model",
        _ => "nothing known",
    };

    private static int NewSlot()
    {
        if (_used == 1 << SlotBits)
        {
            throw new NativeCallException(Status.Failure, $"there are {_used} handles already; free those that are not needed");
        }

        if (_used == _entries.Length)
        {
            Array.Resize(ref _generations, 2 * _used);
            var larger = new Entry?[2 * _used];
            _entries.CopyTo(larger, 0);
            Volatile.Write(ref _entries, larger);
        }

        // From 1, so that a handle of all zeros is never one.
        _generations[_used] = 1;
        return _used++;
    }

    private sealed record Entry(HandleKind Kind, uint Generation, object Target);
}
