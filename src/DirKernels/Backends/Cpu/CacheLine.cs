using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace DirKernels.Backends.Cpu;

/// <summary>Asks for memory before it is needed: rows that lie anywhere defeat the processor's own guesses.</summary>
internal static unsafe class CacheLine
{
    /// <summary>Bytes.</summary>
    public const int Size = 64;

    /// <summary>Single-precision elements.</summary>
    public const int Floats = Size / sizeof(float);

    /// <summary>How many rows ahead to ask for a row that lies anywhere: about 8 KB, so that memory has the time of some hundred instructions to answer.</summary>
    /// <param name="width">Single-precision elements of a row.</param>
    public static int RowsAhead(int width) => Math.Clamp(2048 / width, 4, 64);

    /// <summary>Starts to load the line at an address; nothing where the processor has no such instruction, and never a fault.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    /// <summary>The same for memory that lies anywhere, to the cache that brings it fastest on this processor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FetchFar(void* address)
    {
        if (Sse.IsSupported)
        {
            if (ProcessorModel.AsksSecondLevelCache)
            {
                Sse.Prefetch1(address);
            }
            else
            {
                Sse.Prefetch0(address);
            }
        }
    }

    /// <summary>Copies to memory that another thread reads next, the way that takes it there sooner, see <see cref="ProcessorModel.SharesLastLevelCache"/>. That thread may only be told of it by an interlocked operation.</summary>
    /// <inheritdoc cref="CopyAround"/>
    public static void CopyForOther(float* from, float* to, int count)
    {
        if (ProcessorModel.SharesLastLevelCache)
        {
            new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));
        }
        else
        {
            CopyAround(from, to, count);
        }
    }

    /// <summary>Copies past the caches to memory that this thread does not read soon, through them where it is not aligned. Another thread may only be told of it by an interlocked operation.</summary>
    /// <param name="from">[count], and readable up to a whole register.</param>
    /// <param name="to">[count], and with room for a whole register.</param>
    /// <param name="count">Elements.</param>
    public static void CopyAround(float* from, float* to, int count)
    {
        if ((nuint)to % (nuint)(Vector<float>.Count * sizeof(float)) != 0)
        {
            new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));
            return;
        }

        for (int i = 0; i < count; i += Vector<float>.Count)
        {
            Vector.Load(from + i).StoreAlignedNonTemporal(to + i);
        }
    }
}
