namespace DirKernels.Backends.Cpu;

/// <summary>Memory that an operation needs only while it runs: one growing block for each thread that calls operations.</summary>
internal static unsafe class ScratchMemory
{
    [ThreadStatic]
    private static byte[]? _block;

    [ThreadStatic]
    private static byte[]? _outerBlock;

    /// <summary>At least <paramref name="count"/> elements, aligned, contents undefined; valid until the next request on the same thread.</summary>
    public static T* Request<T>(long count)
        where T : unmanaged => (T*)Reserve(ref _block, checked(count * sizeof(T)));

    /// <summary>The same for an operation that runs other operations while it needs the memory: valid until the next request of this kind.</summary>
    public static T* RequestOuter<T>(long count)
        where T : unmanaged => (T*)Reserve(ref _outerBlock, checked(count * sizeof(T)));

    private static void* Reserve(ref byte[]? block, long length)
    {
        long bytes = length + CpuBuffer<byte>.Alignment;
        if (block is null || block.LongLength < bytes)
        {
            // Pinned: the address stays valid; grown by half again so that slowly growing requests do not allocate each time.
            long grown = Math.Min(Array.MaxLength, Math.Max(bytes, 4096 + bytes / 2 * 3));
            block = GC.AllocateUninitializedArray<byte>(checked((int)Math.Max(bytes, grown)), pinned: true);
        }

        nuint address = (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref block[0]);
        const nuint Mask = CpuBuffer<byte>.Alignment - 1;
        return (void*)((address + Mask) & ~Mask);
    }
}
