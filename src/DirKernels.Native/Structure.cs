using System.Runtime.InteropServices;

namespace DirKernels.Native;

/// <summary>Structures of the interface, whose first member is their size in bytes, so that later versions can append members.</summary>
internal static unsafe class Structure
{
    /// <summary>The caller's structure; members that its header did not have are the defaults, and a null pointer is all defaults.</summary>
    /// <exception cref="NativeCallException">The size is none that this library knows.</exception>
    public static T Read<T>(T* pointer, T defaults, string name)
        where T : unmanaged
    {
        if (pointer is not null)
        {
            new ReadOnlySpan<byte>(pointer, SizeOf(pointer, name)).CopyTo(MemoryMarshal.AsBytes(new Span<T>(ref defaults)));
        }

        return defaults;
    }

    /// <summary>Writes as much of a structure as the caller's header has; the size stays.</summary>
    /// <exception cref="NativeCallException">The pointer is null, or the size is none that this library knows.</exception>
    public static void Write<T>(T* pointer, T value, string name)
        where T : unmanaged
    {
        ref T target = ref Memory.Result(pointer, name);
        int size = SizeOf(pointer, name);
        MemoryMarshal.AsBytes(new ReadOnlySpan<T>(ref value))[sizeof(nuint)..size].CopyTo(MemoryMarshal.AsBytes(new Span<T>(ref target))[sizeof(nuint)..]);
    }

    private static int SizeOf<T>(T* pointer, string name)
        where T : unmanaged
    {
        nuint size = *(nuint*)pointer;
        return size >= (nuint)sizeof(nuint) && size <= (nuint)sizeof(T)
            ? (int)size
            : throw new NativeCallException(Status.BadArgument, $"{name}.struct_size is {size}, but this library knows {sizeof(nuint)}..{sizeof(T)}; set it to the size of the structure");
    }
}
