using DirKernels.Labels;
using DirKernels.Methods;
using DirKernels.Metrics;

namespace DirKernels.Evaluation;

/// <summary>A comparison evaluated: everything that tables, JSON and figures show, computed once, so that they cannot differ.</summary>
public sealed record ComparisonSummary
{
    private ComparisonSummary()
    {
    }

    /// <summary>[methods][seeds]; the first method is the baseline.</summary>
    public required IReadOnlyList<IReadOnlyList<MethodOutcome>> Outcomes { get; init; }

    /// <summary>Label bins of the evaluation.</summary>
    public required LabelBins Bins { get; init; }

    /// <summary>[B] training rows of each bin: the empirical density.</summary>
    public required double[] EmpiricalDensity { get; init; }

    /// <summary>[B] the same smoothed with the label window, its taps scaled to sum 1: the effective density, in rows per bin.</summary>
    public required double[] EffectiveDensity { get; init; }

    /// <summary>[B] region of each bin.</summary>
    public required ShotRegion[] Regions { get; init; }

    /// <summary>[N] labels of the test rows.</summary>
    public required double[] TestLabels { get; init; }

    /// <summary>[methods - 1] the other methods against the baseline.</summary>
    public required MethodStanding[] Standings { get; init; }

    /// <summary>[methods] the further measures.</summary>
    public required FurtherMeasures[] Further { get; init; }

    /// <summary>[methods] how well stated uncertainties fit the errors; null for methods that state none.</summary>
    public required UncertaintySeries?[] Uncertainties { get; init; }

    /// <summary>
    /// The method, other than the baseline, with the lowest mean validation error: test rows take no part in the choice. 0 when there is no other.
    /// </summary>
    public required int Best { get; init; }

    /// <summary>Names of the methods.</summary>
    public IReadOnlyList<string> Names => [.. Outcomes.Select(method => method[0].Method.Name)];

    /// <summary>Evaluates a comparison.</summary>
    /// <param name="outcomes">[methods][seeds], at least one of each.</param>
    /// <param name="data">The rows that were compared on.</param>
    /// <param name="settings">The settings they were trained with.</param>
    /// <param name="thresholds">Thresholds of the regions; null for 100 and 20.</param>
    public static ComparisonSummary Create(
        IReadOnlyList<IReadOnlyList<MethodOutcome>> outcomes, ComparisonData data, MethodSettings settings, ShotThresholds? thresholds = null)
    {
        double[] counts = data.TrainCounts(settings.Bins);
        return new ComparisonSummary
        {
            Outcomes = outcomes,
            Bins = settings.Bins,
            EmpiricalDensity = counts,
            EffectiveDensity = LabelDensity.Effective(counts, settings.LabelKernel, settings.Boundary),
            Regions = ShotReport.RegionsOf(counts, thresholds ?? ShotThresholds.Default, settings.Regions),
            TestLabels = data.Test.Labels,
            Standings = Evaluation.Standings.Of(outcomes),
            Further = FurtherMeasures.Of(outcomes, data, settings.Bins, counts),
            Uncertainties = [.. outcomes.Select(UncertaintySeries.Of)],
            Best = BestByValidation(outcomes),
        };
    }

    /// <summary>[B] mean over the seeds of the mean absolute error of each bin; null where a bin has no test rows.</summary>
    public double?[] BinErrorsOf(int method)
    {
        IReadOnlyList<MethodOutcome> seeds = Outcomes[method];
        return [.. Enumerable.Range(0, Bins.Count).Select(b => seeds[0].Test.Bins[b].MeanAbsoluteError is null
            ? (double?)null
            : seeds.Average(seed => seed.Test.Bins[b].MeanAbsoluteError!.Value))];
    }

    /// <summary>[B] error of the baseline minus that of a method: what the method gains; null where a bin has no test rows.</summary>
    public double?[] BinGainsOf(int method)
    {
        double?[] baseline = BinErrorsOf(0), errors = BinErrorsOf(method);
        return [.. baseline.Select((error, b) => error - errors[b])];
    }

    private static int BestByValidation(IReadOnlyList<IReadOnlyList<MethodOutcome>> outcomes) => outcomes.Count == 1
        ? 0
        : Enumerable.Range(1, outcomes.Count - 1).MinBy(method => outcomes[method].Average(seed => seed.ValidationError));
}
