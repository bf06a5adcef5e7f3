namespace DirKernels.Objectives;

/// <summary>How the members of a voting head are weighted in training.</summary>
public sealed record VoteOptions
{
    /// <summary>Window that smooths the label density; null takes the counts of the bins.</summary>
    public SmoothingKernel? DensityWindow { get; init; }

    /// <summary>What that window reads beyond the end bins.</summary>
    public Boundary DensityBoundary { get; init; } = Boundary.Zero;
}
