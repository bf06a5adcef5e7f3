namespace DirKernels.Backends;

/// <summary>Whole arrays between the host and a backend.</summary>
public static class HostTransfer
{
    /// <summary>A new buffer that holds a copy of the array.</summary>
    public static DeviceBuffer<T> Upload<T>(this IBackend backend, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = backend.Allocate<T>(source.Length);
        backend.CopyIn(source, buffer);
        return buffer;
    }

    /// <summary>A new buffer that holds a copy of the array.</summary>
    public static DeviceBuffer<T> Upload<T>(this IBackend backend, T[] source)
        where T : unmanaged => Upload<T>(backend, source.AsSpan());

    /// <summary>A new array that holds a copy of the elements.</summary>
    public static T[] Download<T>(this IBackend backend, DeviceView<T> source)
        where T : unmanaged
    {
        var copy = new T[source.Length];
        backend.CopyOut(source, copy.AsSpan());
        return copy;
    }

    /// <summary>A new array that holds a copy of the elements.</summary>
    public static T[] Download<T>(this IBackend backend, DeviceBuffer<T> source)
        where T : unmanaged => Download(backend, source.View);

    /// <summary>An array that holds a copy of the elements: the given one where it has their number, otherwise a new one.</summary>
    internal static T[] Download<T>(this IBackend backend, DeviceBuffer<T> source, T[]? reused)
        where T : unmanaged
    {
        if (reused is null || reused.LongLength != source.Length)
        {
            return Download(backend, source);
        }

        backend.CopyOut(source.View, reused.AsSpan());
        return reused;
    }
}
