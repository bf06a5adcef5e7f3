using DirKernels.Methods;
using DirKernels.Metrics;

namespace DirKernels.Evaluation;

/// <summary>Wins, ties and losses of all methods against the first, corrected for the number of methods.</summary>
/// <remarks>
/// For each measure the m methods beside the baseline are a family of m paired t tests over the seeds; their probabilities are corrected by Holm's rule
/// (<see cref="HolmCorrection"/>), and their intervals by Bonferroni's. Measures are not corrected for each other.
/// </remarks>
public static class Standings
{
    /// <summary>Chance of even one false finding in a family.</summary>
    public const double Level = 0.05;

    /// <summary>Compares every method but the first with the first.</summary>
    /// <param name="outcomes">[methods][seeds].</param>
    /// <returns>[methods - 1].</returns>
    public static MethodStanding[] Of(IReadOnlyList<IReadOnlyList<MethodOutcome>> outcomes)
    {
        MeasureStanding?[][] byMeasure = [.. ErrorMeasure.All.Select(measure => OfMeasure(measure, outcomes))];
        return [.. outcomes.Skip(1).Select((method, i) => new MethodStanding(method[0].Method.Name, [.. byMeasure.Select(column => column[i])]))];
    }

    private static MeasureStanding?[] OfMeasure(ErrorMeasure measure, IReadOnlyList<IReadOnlyList<MethodOutcome>> outcomes)
    {
        int methods = outcomes.Count - 1;
        if (measure.Series(outcomes[0]) is not { } baseline)
        {
            return new MeasureStanding?[methods];
        }

        double[][] series = [.. outcomes.Skip(1).Select(method => measure.Series(method)!)];
        PairedDifference[] differences = Array.ConvertAll(series, values => PairedDifference.Compute(values, baseline));
        double[]? adjusted = baseline.Length > 1 ? HolmCorrection.Adjust(Array.ConvertAll(differences, difference => difference.PValue!.Value)) : null;
        return [.. differences.Select((difference, i) => new MeasureStanding(
            measure,
            difference,
            PairedDifference.Compute(series[i], baseline, 1 - Level / methods),
            adjusted?[i],
            adjusted is null || adjusted[i] >= Level ? Decision.Tie : difference.Mean < 0 ? Decision.Win : Decision.Loss,
            series[i].Where((value, seed) => value < baseline[seed]).Count(),
            series[i].Where((value, seed) => value > baseline[seed]).Count()))];
    }
}
