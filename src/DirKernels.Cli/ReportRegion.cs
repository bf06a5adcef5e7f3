using DirKernels.Metrics;

namespace DirKernels.Cli;

/// <summary>One region of the labels: its name in tables and in JSON, and where a report keeps it.</summary>
/// <param name="Title">Name in tables.</param>
/// <param name="Key">Name in JSON.</param>
/// <param name="Of">The errors of the region; null when it has no test rows.</param>
internal sealed record ReportRegion(string Title, string Key, Func<ShotReport, RegressionErrors?> Of)
{
    /// <summary>All regions, in the order they are shown.</summary>
    public static IReadOnlyList<ReportRegion> All { get; } =
    [
        new("overall", "overall", report => report.Overall),
        new("many", "many", report => report.Many),
        new("medium", "medium", report => report.Medium),
        new("few", "few", report => report.Few),
        new("zero-shot", "zeroShot", report => report.ZeroShot),
    ];

    /// <summary>The region of labels with few training rows.</summary>
    public static ReportRegion Few => All[3];
}
