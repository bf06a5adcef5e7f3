namespace DirKernels.Benchmarks.Quick;

/// <summary>What bounds a row.</summary>
internal enum QuickLimit
{
    /// <summary>The FMA peak.</summary>
    Arithmetic,

    /// <summary>The read bandwidth.</summary>
    Read,

    /// <summary>The copy bandwidth.</summary>
    Copy,

    /// <summary>No limit is claimed.</summary>
    None,
}

/// <summary>One row of the table: prepared only when it is its turn, so that rows do not share memory.</summary>
/// <param name="Name">As a reader would say it, with the size in it.</param>
/// <param name="Limit">What bounds it.</param>
/// <param name="Flops">Floating-point operations of one run, 0 when they do not matter.</param>
/// <param name="Bytes">Bytes that one run must move, 0 when they do not matter.</param>
/// <param name="Prepare">Makes the operands and returns the run and what to dispose of.</param>
internal sealed record QuickRow(string Name, QuickLimit Limit, double Flops, double Bytes, Func<(Action Run, IDisposable[] Owned)> Prepare);

/// <summary>A measured row.</summary>
internal sealed record QuickResult(string Name, double Milliseconds, double? Gflops, double? Gbps, double? ShareOfLimit, long Allocated);
