using DirKernels.Metrics;

namespace DirKernels.Evaluation;

/// <summary>An error by which methods are compared, in units of the label.</summary>
/// <param name="Key">Name in JSON and in figures.</param>
/// <param name="Title">Name for people.</param>
/// <param name="Of">The error; null when the region has no test rows.</param>
public sealed record ErrorMeasure(string Key, string Title, Func<ShotReport, double?> Of)
{
    /// <summary>MAE over all rows.</summary>
    public static ErrorMeasure Overall { get; } = new("overall", "overall", report => report.Overall.MeanAbsoluteError);

    /// <summary>MAE over many-shot rows.</summary>
    public static ErrorMeasure Many { get; } = new("many", "many", report => report.Many?.MeanAbsoluteError);

    /// <summary>MAE over few-shot rows.</summary>
    public static ErrorMeasure Few { get; } = new("few", "few", report => report.Few?.MeanAbsoluteError);

    /// <summary>bMAE.</summary>
    public static ErrorMeasure Balanced { get; } = new("bmae", "bMAE", report => report.BalancedMeanAbsoluteError);

    /// <summary>All measures, in the order they are shown.</summary>
    public static IReadOnlyList<ErrorMeasure> All { get; } =
    [
        Overall,
        Many,
        new("medium", "medium", report => report.Medium?.MeanAbsoluteError),
        Few,
        new("zeroShot", "zero-shot", report => report.ZeroShot?.MeanAbsoluteError),
        Balanced,
    ];

    /// <summary>The error of each seed; null when the region has no test rows, which holds for all seeds alike.</summary>
    public double[]? Series(IReadOnlyList<Methods.MethodOutcome> seeds) =>
        Of(seeds[0].Test) is null ? null : [.. seeds.Select(seed => Of(seed.Test)!.Value)];
}
