using System.Runtime.InteropServices;

namespace DirKernels.Native;

/// <summary>The caller's memory as spans, checked for what can be checked.</summary>
internal static unsafe class Memory
{
    /// <summary>Memory that is read.</summary>
    /// <exception cref="NativeCallException">It is null but should have elements, or they are more than a span holds.</exception>
    public static ReadOnlySpan<T> In<T>(T* pointer, nuint length, string name)
        where T : unmanaged => Of(pointer, length, name);

    /// <summary>Rows that are read.</summary>
    /// <exception cref="NativeCallException">As <see cref="In{T}(T*, nuint, string)"/>, or the rows are not of the size expected; both are named.</exception>
    public static ReadOnlySpan<T> Rows<T>(T* pointer, nuint rows, nuint columns, int expected, string name)
        where T : unmanaged
    {
        if (columns != (nuint)expected)
        {
            throw new NativeCallException(Status.BadArgument, $"{name} has rows of {columns}, but rows of {expected} are needed");
        }

        return Of(pointer, checked(rows * columns), name);
    }

    /// <summary>Memory that is written.</summary>
    /// <exception cref="NativeCallException">It is null but should have elements, or they are more than a span holds.</exception>
    public static Span<T> Out<T>(T* pointer, nuint length, string name)
        where T : unmanaged => Of(pointer, length, name);

    /// <summary>Throws when the caller's memory has another length than the result.</summary>
    /// <exception cref="NativeCallException">It has; both lengths are named.</exception>
    public static void ThrowIfNotOfLength(nuint length, long needed, string name)
    {
        if (length != (nuint)needed)
        {
            throw new NativeCallException(Status.BadArgument, $"{name} has {length} elements, but {needed} are needed");
        }
    }

    /// <summary>A place for one result.</summary>
    /// <exception cref="NativeCallException">It is null.</exception>
    public static ref T Result<T>(T* pointer, string name)
        where T : unmanaged
    {
        ThrowIfNull(pointer, name);
        return ref *pointer;
    }

    /// <summary>Text that ends with a zero byte.</summary>
    /// <exception cref="NativeCallException">It is null.</exception>
    public static string Text(byte* pointer, string name)
    {
        ThrowIfNull(pointer, name);
        return Marshal.PtrToStringUTF8((nint)pointer)!;
    }

    /// <summary>Copies bytes to the caller and tells their number; with no memory at all it only tells.</summary>
    /// <exception cref="NativeCallException">The memory is too small; both sizes are named.</exception>
    public static void Copy(ReadOnlySpan<byte> bytes, byte* pointer, nuint capacity, nuint* needed, string name)
    {
        Result(needed, "needed") = (nuint)bytes.Length;
        if (pointer is null && capacity == 0)
        {
            return;
        }

        if (capacity < (nuint)bytes.Length)
        {
            throw new NativeCallException(Status.TooSmall, $"{name} has room for {capacity} bytes, but {bytes.Length} are needed");
        }

        bytes.CopyTo(Of(pointer, capacity, name));
    }

    private static Span<T> Of<T>(T* pointer, nuint length, string name)
        where T : unmanaged
    {
        if (length > 0)
        {
            ThrowIfNull(pointer, name);
        }

        return length <= int.MaxValue
            ? new Span<T>(pointer, (int)length)
            : throw new NativeCallException(Status.BadArgument, $"{name} has {length} elements; a call takes at most {int.MaxValue}");
    }

    private static void ThrowIfNull(void* pointer, string name)
    {
        if (pointer is null)
        {
            throw new NativeCallException(Status.BadArgument, $"{name} is null");
        }
    }
}
