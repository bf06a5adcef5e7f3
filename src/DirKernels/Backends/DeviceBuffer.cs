namespace DirKernels.Backends;

/// <summary>A contiguous block of elements in the memory of one backend. Disposing it gives the memory back.</summary>
/// <typeparam name="T">A blittable element type.</typeparam>
public abstract class DeviceBuffer<T> : IDisposable
    where T : unmanaged
{
    /// <summary>Creates the description of a block.</summary>
    /// <param name="length">Number of elements, not negative.</param>
    protected DeviceBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
    }

    /// <summary>Number of elements.</summary>
    public long Length { get; protected set; }

    /// <summary>The whole block as a view.</summary>
    public DeviceView<T> View => new(this, 0, Length);

    /// <summary>A part of the block.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside.</exception>
    public DeviceView<T> Slice(long offset, long length) => View.Slice(offset, length);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory; called once or more.</summary>
    protected abstract void Dispose(bool disposing);
}
