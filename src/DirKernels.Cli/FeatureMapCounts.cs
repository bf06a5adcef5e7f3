using DirKernels.Features;

namespace DirKernels.Cli;

/// <summary>What feature smoothing did to the label bins in its last epoch.</summary>
/// <param name="Bins">Number of bins B.</param>
/// <param name="Ridged">Bins whose covariance needed a ridge.</param>
/// <param name="Diagonal">Bins that fell back to the diagonal map.</param>
/// <param name="Unchanged">Bins whose features pass unchanged.</param>
internal sealed record FeatureMapCounts(int Bins, int Ridged, int Diagonal, int Unchanged)
{
    /// <summary>Counts of a report.</summary>
    public static FeatureMapCounts Of(FeatureStatisticsReport report) =>
        new(report.Outcomes.Count, report.RidgedBins, report.DiagonalBins, report.IdentityBins);

    /// <summary>For people.</summary>
    public override string ToString() =>
        $"{Bins - Unchanged} of {Bins} bins mapped ({Ridged} ridged, {Diagonal} fell back to the diagonal), {Unchanged} passed unchanged";
}
