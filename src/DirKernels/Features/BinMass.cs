namespace DirKernels.Features;

/// <summary>How much a bin's statistics weigh when they are smoothed over bins.</summary>
public enum BinMass
{
    /// <summary>Every bin the same, as published.</summary>
    Uniform,

    /// <summary>By the number of samples seen in the bin: <c>sum k N mu / sum k N</c>; needs <see cref="EmptyBins.Exclude"/>.</summary>
    Count,
}
