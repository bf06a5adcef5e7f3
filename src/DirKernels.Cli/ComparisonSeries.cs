using DirKernels.Methods;
using DirKernels.Metrics;

namespace DirKernels.Cli;

/// <summary>One number of a method over the seeds; null when it is not defined, which depends on the test rows and so holds for all seeds.</summary>
internal static class ComparisonSeries
{
    /// <summary>A number of a region over the seeds.</summary>
    public static double[]? Of(MethodOutcome[] outcomes, ReportRegion region, Func<RegressionErrors, double> number) =>
        region.Of(outcomes[0].Test) is null ? null : Array.ConvertAll(outcomes, outcome => number(region.Of(outcome.Test)!));

    /// <summary>A number of a region over the seeds, null where it is not defined for one of them.</summary>
    public static double[]? OfDefined(MethodOutcome[] outcomes, ReportRegion region, Func<RegressionErrors, double?> number) =>
        region.Of(outcomes[0].Test) is null || outcomes.Any(outcome => number(region.Of(outcome.Test)!) is null)
            ? null
            : Array.ConvertAll(outcomes, outcome => number(region.Of(outcome.Test)!)!.Value);

    /// <summary>The balanced mean absolute error over the seeds.</summary>
    public static double[] Balanced(MethodOutcome[] outcomes) => Array.ConvertAll(outcomes, outcome => outcome.Test.BalancedMeanAbsoluteError);
}
