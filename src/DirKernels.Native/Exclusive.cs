using DirKernels.Backends.Cpu;

namespace DirKernels.Native;

/// <summary>An object on a backend of its own that one thread uses at a time: calls from several threads wait for each other, also the one that frees it.</summary>
internal sealed class Exclusive<T> : IDisposable
    where T : class, IDisposable
{
    private readonly Lock _lock = new();
    private readonly CpuBackend _backend;
    private readonly T _value;
    private bool _disposed;

    /// <summary>Makes the object on a backend with the threads that the library was told to use.</summary>
    /// <param name="make">Makes it; what it throws passes through.</param>
    public Exclusive(Func<CpuBackend, T> make)
    {
        _backend = new CpuBackend(LibraryExports.Threads);
        try
        {
            _value = make(_backend);
        }
        catch
        {
            _backend.Dispose();
            throw;
        }
    }

    /// <summary>The object, for the caller alone until the scope is disposed of.</summary>
    /// <exception cref="NativeCallException">Another thread has freed it.</exception>
    public Scope Enter() => new(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _disposed = true;
                _value.Dispose();
                _backend.Dispose();
            }
        }
    }

    /// <summary>The time that the object belongs to one caller.</summary>
    public readonly ref struct Scope
    {
        private readonly Exclusive<T> _owner;

        public Scope(Exclusive<T> owner)
        {
            owner._lock.Enter();
            if (owner._disposed)
            {
                owner._lock.Exit();
                throw new NativeCallException(Status.BadHandle, "the handle was freed by another thread");
            }

            _owner = owner;
        }

        public T Value => _owner._value;

        public void Dispose() => _owner._lock.Exit();
    }
}
