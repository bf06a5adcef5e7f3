namespace DirKernels.Backends;

/// <summary>A run of elements inside a <see cref="DeviceBuffer{T}"/>: what backend operations take.</summary>
/// <typeparam name="T">A blittable element type.</typeparam>
public readonly struct DeviceView<T>
    where T : unmanaged
{
    internal DeviceView(DeviceBuffer<T>? buffer, long offset, long length)
    {
        Buffer = buffer;
        Offset = offset;
        Length = length;
    }

    /// <summary>The block that holds the elements; null for the empty view.</summary>
    public DeviceBuffer<T>? Buffer { get; }

    /// <summary>Index of the first element in <see cref="Buffer"/>.</summary>
    public long Offset { get; }

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>Whether there is nothing behind the view: the way to leave out an optional operand.</summary>
    public bool IsAbsent => Buffer is null;

    /// <summary>The view of a whole block.</summary>
    public static implicit operator DeviceView<T>(DeviceBuffer<T> buffer) => buffer.View;

    /// <summary>A part of this view.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside.</exception>
    public DeviceView<T> Slice(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), $"elements {offset}..{offset + length} lie outside a view of {Length}");
        }

        return new DeviceView<T>(Buffer, Offset + offset, length);
    }
}
