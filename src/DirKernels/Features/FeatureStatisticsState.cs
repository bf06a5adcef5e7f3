namespace DirKernels.Features;

/// <summary>Everything that feature distribution smoothing carries from epoch to epoch, on the host: to save and to restore.</summary>
public sealed record FeatureStatisticsState
{
    /// <summary>Epochs that have ended.</summary>
    public required int CompletedEpochs { get; init; }

    /// <summary>[B] samples seen in all epochs.</summary>
    public required long[] SamplesSeen { get; init; }

    /// <summary>[B] samples of the last epoch in which the bin was seen.</summary>
    public required long[] LastCounts { get; init; }

    /// <summary>[B x D].</summary>
    public required float[] RunningMeans { get; init; }

    /// <summary>[B x D x g], lower triangles of the blocks.</summary>
    public required float[] RunningCovariances { get; init; }

    /// <summary>[B x D].</summary>
    public required float[] SmoothedMeans { get; init; }

    /// <summary>[B x D x g], lower triangles of the blocks.</summary>
    public required float[] SmoothedCovariances { get; init; }
}
