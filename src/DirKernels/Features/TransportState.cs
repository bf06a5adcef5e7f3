namespace DirKernels.Features;

/// <summary>Everything that feature transport carries from epoch to epoch.</summary>
public sealed record TransportState
{
    /// <summary>[B x D] means of the features of each bin, blended over epochs; 0 for bins not seen.</summary>
    public required double[] Means { get; init; }

    /// <summary>[B] samples of each bin in the last epoch.</summary>
    public required double[] Counts { get; init; }

    /// <summary>Standard deviation of the residuals of the last epoch, in bins; NaN before the first has ended.</summary>
    public required double ResidualDeviation { get; init; }
}
