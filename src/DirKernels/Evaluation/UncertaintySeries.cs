using DirKernels.Methods;
using DirKernels.Metrics;

namespace DirKernels.Evaluation;

/// <summary>How well the uncertainties of one method fit its errors, over its seeds.</summary>
/// <param name="Name">Name of the method.</param>
/// <param name="Distribution">How labels are said to lie around predictions.</param>
/// <param name="Seeds">The reports, at least one.</param>
public sealed record UncertaintySeries(string Name, ErrorDistribution Distribution, IReadOnlyList<UncertaintyReport> Seeds)
{
    /// <summary>The series of a method; null when its models do not say how uncertain they are.</summary>
    /// <param name="seeds">Its outcomes, at least one.</param>
    public static UncertaintySeries? Of(IReadOnlyList<MethodOutcome> seeds) => seeds[0].Uncertainty is { } first
        ? new UncertaintySeries(seeds[0].Method.Name, first.Distribution, [.. seeds.Select(seed => seed.Uncertainty!)])
        : null;

    /// <summary>One number for each seed; null when the region has no test rows, or the number is not defined for one of them.</summary>
    public double[]? Of(UncertaintyRegion region, Func<UncertaintyErrors, double?> number) =>
        Seeds.All(seed => region.Of(seed) is { } errors && number(errors) is not null)
            ? [.. Seeds.Select(seed => number(region.Of(seed)!)!.Value)]
            : null;

    /// <summary>Coverage of each of <see cref="UncertaintyErrors.Levels"/>, mean over the seeds; null when the region has no test rows.</summary>
    public double[]? MeanCoverage(UncertaintyRegion region) => region.Of(Seeds[0]) is null
        ? null
        : [.. UncertaintyErrors.Levels.Select((_, level) => Seeds.Average(seed => region.Of(seed)!.Coverage[level]))];
}
