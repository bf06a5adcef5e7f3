namespace DirKernels.Backends.Cpu;

/// <summary>What becomes of the finished sums of a tile.</summary>
internal enum TileStore
{
    /// <summary>They replace what is there.</summary>
    Replace,

    /// <summary>They are added to it.</summary>
    Add,

    /// <summary>They replace it, past the caches, at an address aligned to the register: for another core, which then need not be asked for lines it has read before.</summary>
    Around,
}
