namespace DirKernels.Backends.Cpu;

/// <summary>Runs of whole cache lines out of one block of memory; without a block it only counts them.</summary>
internal unsafe struct ScratchPieces(float* start)
{
    private const int ElementsOfLine = CacheLine.Size / sizeof(float);

    /// <summary>Elements that were taken.</summary>
    public long Length { get; private set; }

    public static long WholeLines(long count) => (count + ElementsOfLine - 1) / ElementsOfLine * ElementsOfLine;

    public float* Take(long count) => start + Reserve(count);

    /// <summary>The same, as the number of its first element.</summary>
    public long Reserve(long count)
    {
        long at = Length;
        Length += WholeLines(count);
        return at;
    }
}
