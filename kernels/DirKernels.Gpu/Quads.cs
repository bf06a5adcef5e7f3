using ILGPU;
using ILGPU.Runtime;

namespace DirKernels.Gpu;

/// <summary>When numbers may be read and written four at a time: blocks of memory start at multiples of 256 bytes, parts of them anywhere.</summary>
internal static class Quads
{
    /// <summary>Whether a view starts at a multiple of 16 bytes.</summary>
    public static bool Aligned<T>(ArrayView<T> view)
        where T : unmanaged => BytesBefore(view) % 16 == 0;

    /// <summary>Whether two views lie in the same block of memory.</summary>
    public static bool ShareMemory<T>(ArrayView<T> a, ArrayView<T> b)
        where T : unmanaged => ReferenceEquals(BufferOf(a), BufferOf(b));

    /// <summary>Runs of four among <paramref name="count"/> elements, none where they are not aligned.</summary>
    public static long Of(long count, bool aligned) => aligned ? count / 4 : 0;

    /// <summary>Steps of the longer of the two loops, over runs of four and over what is left.</summary>
    public static long Work(long count, long quads) => Math.Max(quads, count - 4 * quads);

    // Properties that views only have through their interface: generic, so that nothing is boxed.
    private static long BytesBefore<TView>(in TView view)
        where TView : struct, IContiguousArrayView => view.IndexInBytes;

    private static MemoryBuffer BufferOf<TView>(in TView view)
        where TView : struct, IArrayView => view.Buffer;
}
