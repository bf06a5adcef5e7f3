using DirKernels.Backends.Cpu;

namespace DirKernels.Backends;

/// <summary>Views of a backend as memory of the host: the CPU's where it lies, a device's copied into an array that is allocated once.</summary>
/// <param name="backend">The backend.</param>
/// <param name="capacity">Elements of the largest view.</param>
internal sealed unsafe class HostMirror<T>(IBackend backend, long capacity)
    where T : unmanaged
{
    private readonly T[]? _copy = backend is CpuBackend ? null : new T[capacity];

    /// <summary>The elements of a view; empty for an absent one. On a device a copy of them.</summary>
    public Span<T> Read(DeviceView<T> view)
    {
        Span<T> host = Open(view);
        if (_copy is not null && !view.IsAbsent)
        {
            backend.CopyOut(view, host);
        }

        return host;
    }

    /// <summary>Memory to write the elements of a view into.</summary>
    public Span<T> Open(DeviceView<T> view) => view.IsAbsent ? []
        : _copy is null ? new Span<T>(((CpuBuffer<T>)view.Buffer!).Pointer + view.Offset, checked((int)view.Length))
        : _copy.AsSpan(0, checked((int)view.Length));

    /// <summary>Brings what was written into <see cref="Open"/> to the backend.</summary>
    public void Write(DeviceView<T> view)
    {
        if (_copy is not null)
        {
            backend.CopyIn<T>(_copy.AsSpan(0, checked((int)view.Length)), view);
        }
    }
}
