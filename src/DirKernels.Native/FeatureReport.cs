using System.Runtime.InteropServices;
using DirKernels.Features;

namespace DirKernels.Native;

/// <summary><c>dk_fds_report</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FeatureReport
{
    public nuint StructSize;
    public long Samples;
    public int Epoch;
    public int Bins;
    public int RidgedBins;
    public int DiagonalBins;
    public int UnchangedBins;
    public int Reserved;

    public static FeatureReport Of(FeatureStatisticsReport report) => new()
    {
        Samples = report.EpochCounts.Sum(),
        Epoch = report.Epoch,
        Bins = report.EpochCounts.Count,
        RidgedBins = report.RidgedBins,
        DiagonalBins = report.DiagonalBins,
        UnchangedBins = report.IdentityBins,
    };
}
