using DirKernels.Backends;

namespace DirKernels.Features;

/// <summary>What happened to each bin at the end of an epoch.</summary>
/// <param name="Epoch">Number of the epoch that ended, from 0.</param>
/// <param name="EpochCounts">[B] samples of the epoch.</param>
/// <param name="Outcomes">[B] the map each bin received.</param>
public sealed record FeatureStatisticsReport(int Epoch, IReadOnlyList<long> EpochCounts, IReadOnlyList<MapOutcome> Outcomes)
{
    /// <summary>Bins whose covariance needed a ridge.</summary>
    public int RidgedBins => Outcomes.Count(o => o == MapOutcome.Ridged);

    /// <summary>Bins that fell back to the diagonal map.</summary>
    public int DiagonalBins => Outcomes.Count(o => o is MapOutcome.TooFewSamples or MapOutcome.NotPositiveDefinite);

    /// <summary>Bins whose features pass unchanged.</summary>
    public int IdentityBins => Outcomes.Count(o => o == MapOutcome.Identity);
}
