namespace DirKernels.Features;

/// <summary>How features are moved between label bins in training; meanings at <see cref="FeatureTransport"/>.</summary>
public sealed record TransportOptions
{
    /// <summary>Window of the effective label density that bins are drawn against; null takes the counts.</summary>
    public SmoothingKernel? DensityWindow { get; init; } = SmoothingKernel.Default;

    /// <summary>What that window reads beyond the end bins.</summary>
    public Boundary DensityBoundary { get; init; } = Boundary.Zero;

    /// <summary>Standard deviation, in bins, of the window that smooths the bin means, positive.</summary>
    public double MeansSigma { get; init; } = 3;

    /// <summary>Weight of the old bin means, in [0, 1).</summary>
    public double Momentum { get; init; }

    internal void Validate()
    {
        if (!(MeansSigma is > 0 and <= 1e6) || !(Momentum is >= 0 and < 1))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"transport: the sigma of the means must be positive and their momentum in [0, 1), but they are {MeansSigma} and {Momentum}"));
        }
    }
}
