using System.Runtime.InteropServices;

namespace DirKernels.Backends.Cpu;

/// <summary>Large blocks of native memory on pages of 2 MiB where the system gives them.</summary>
/// <remarks>
/// Rows of a bin lie anywhere in a table: with pages of 4 KiB nearly every row needs a translation that the processor does not hold (25,000 pages for
/// 100 MB), with pages of 2 MiB hardly any. The request is a hint: refused or not known, memory is as it would have been.
/// </remarks>
internal static unsafe partial class HugePages
{
    /// <summary>Bytes of a page, and its alignment.</summary>
    public const nuint PageSize = 2 << 20;

    /// <summary>Blocks from this size on are worth whole pages.</summary>
    private const nuint FewestBytes = 2 * PageSize;

    // MADV_HUGEPAGE of Linux on every architecture that .NET runs on.
    private const int AdviseHugePage = 14;

    /// <summary>Alignment for a block of some bytes: a page, or a cache line when it is small or the system knows no such hint.</summary>
    public static nuint AlignmentFor(nuint bytes) => OperatingSystem.IsLinux() && bytes >= FewestBytes ? PageSize : (nuint)CacheLine.Size;

    /// <summary>Asks for huge pages under a block aligned by <see cref="AlignmentFor"/>, before it is first touched.</summary>
    public static void Advise(void* block, nuint bytes)
    {
        if (AlignmentFor(bytes) == PageSize)
        {
            _ = AdviseMemory(block, bytes / PageSize * PageSize, AdviseHugePage);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int AdviseMemory(void* address, nuint length, int advice);
}
