using System.Runtime.InteropServices;

namespace DirKernels.Backends.Cpu;

/// <summary>Native memory aligned to 64 bytes, or a window onto memory of the caller.</summary>
internal sealed unsafe class CpuBuffer<T> : DeviceBuffer<T>
    where T : unmanaged
{
    /// <summary>Alignment of a cache line and of the widest vector.</summary>
    public const int Alignment = 64;

    private readonly bool _owned;
    private T* _pointer;

    // Dropped when anybody asks for the address, who may write there.
    private object? _copyHolder;

    public CpuBuffer(long length)
        : base(length)
    {
        nuint bytes = checked((nuint)Math.Max(1, length) * (nuint)sizeof(T));
        _pointer = (T*)NativeMemory.AlignedAlloc(bytes, HugePages.AlignmentFor(bytes));
        HugePages.Advise(_pointer, bytes);
        NativeMemory.Clear(_pointer, bytes);
        _owned = true;
    }

    private CpuBuffer()
        : base(0)
    {
    }

    ~CpuBuffer() => Dispose(false);

    /// <summary>First element; throws once the buffer is disposed of.</summary>
    public T* Pointer
    {
        get
        {
            // Written only where there is one: threads that read the same buffer at a time must not write to each other's caches.
            if (_copyHolder is not null)
            {
                _copyHolder = null;
            }

            return _pointer is not null ? _pointer : throw new ObjectDisposedException(GetType().Name);
        }
    }

    /// <summary>A buffer without memory, to be pointed at pinned memory of the caller with <see cref="Attach"/>.</summary>
    public static CpuBuffer<T> Window() => new();

    /// <summary>Notes that <paramref name="holder"/> has a copy of all elements as they are now.</summary>
    public void NoteCopy(object holder) => _copyHolder = holder;

    /// <summary>Whether <paramref name="holder"/> has a copy and nobody has asked for the address since.</summary>
    public bool IsCopiedBy(object holder) => ReferenceEquals(_copyHolder, holder);

    /// <summary>Points a window at memory that stays pinned and alive while it is used.</summary>
    public void Attach(T* pointer, long length)
    {
        _copyHolder = null;
        _pointer = pointer;
        Length = length;
    }

    protected override void Dispose(bool disposing)
    {
        if (_owned && _pointer is not null)
        {
            NativeMemory.AlignedFree(_pointer);
        }

        _pointer = null;
    }
}
