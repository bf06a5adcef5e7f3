namespace DirKernels.Gpu;

/// <summary>Threads along one side of a square group: a constant of the kernel, so that its loops have constant lengths.</summary>
internal interface ITileSide
{
    /// <summary>Threads along the side.</summary>
    static abstract int Threads { get; }
}

/// <summary>16 x 16 threads.</summary>
internal readonly struct Side16 : ITileSide
{
    public static int Threads => 16;
}

/// <summary>8 x 8 threads.</summary>
internal readonly struct Side8 : ITileSide
{
    public static int Threads => 8;
}

/// <summary>4 x 4 threads, for the simulation.</summary>
internal readonly struct Side4 : ITileSide
{
    public static int Threads => 4;
}
