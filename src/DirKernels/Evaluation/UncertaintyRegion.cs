using DirKernels.Metrics;

namespace DirKernels.Evaluation;

/// <summary>A region of the labels in an <see cref="UncertaintyReport"/>.</summary>
/// <param name="Key">Name in JSON.</param>
/// <param name="Title">Name for people.</param>
/// <param name="Of">How uncertainties fit there; null when the region has no test rows.</param>
public sealed record UncertaintyRegion(string Key, string Title, Func<UncertaintyReport, UncertaintyErrors?> Of)
{
    /// <summary>All rows.</summary>
    public static UncertaintyRegion Overall { get; } = new("overall", "overall", report => report.Overall);

    /// <summary>Few-shot rows.</summary>
    public static UncertaintyRegion Few { get; } = new("few", "few", report => report.Few);

    /// <summary>All regions, in the order they are shown.</summary>
    public static IReadOnlyList<UncertaintyRegion> All { get; } =
    [
        Overall,
        new("many", "many", report => report.Many),
        new("medium", "medium", report => report.Medium),
        Few,
        new("zeroShot", "zero-shot", report => report.ZeroShot),
    ];
}
