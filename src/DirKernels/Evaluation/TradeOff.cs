using DirKernels.Methods;
using DirKernels.Metrics;

namespace DirKernels.Evaluation;

/// <summary>The dial between frequent and rare labels: weights inverse to a power of the density, with and without label smoothing.</summary>
public static class TradeOff
{
    /// <summary>Powers of the dial: 0 weighs all rows the same, 1 all bins.</summary>
    public static IReadOnlyList<double> Powers { get; } = [0, 0.12, 0.25, 0.5, 0.75, 1];

    /// <summary>The methods of the dial: <c>vanilla</c>, which is power 0 with or without smoothing, then every other power without and with <c>lds</c>.</summary>
    public static IReadOnlyList<Method> Methods { get; } =
    [
        Method.Parse("vanilla"),
        .. Powers.Skip(1).Select(power => Method.Parse(FormattableString.Invariant($"power:{power}"))),
        .. Powers.Skip(1).Select(power => Method.Parse(FormattableString.Invariant($"power:{power}+lds"))),
    ];

    /// <summary>Whether no other method has both errors at most as high and one of them lower.</summary>
    /// <param name="points">(many-shot, few-shot) errors of the methods.</param>
    public static bool[] Front(IReadOnlyList<(double Many, double Few)> points) =>
        [.. points.Select(point => !points.Any(other => other.Many <= point.Many && other.Few <= point.Few && other != point))];

    /// <summary>
    /// Cost of each method on the validation rows, <c>W few / few_0 + (1 - W) many / many_0</c>: mean errors over seeds relative to those of the first method.
    /// Below 1 is better than the first method for this W.
    /// </summary>
    /// <param name="outcomes">[methods][seeds].</param>
    /// <param name="weight">W in 0..1: how much a relative change of the few-shot error counts.</param>
    /// <exception cref="ArgumentException">W is not in 0..1.</exception>
    /// <exception cref="InvalidDataException">There are no many-shot or no few-shot validation or test rows.</exception>
    public static double[] Costs(IReadOnlyList<IReadOnlyList<MethodOutcome>> outcomes, double weight)
    {
        if (!(weight is >= 0 and <= 1))
        {
            throw new ArgumentException($"trade-off: the weight must be 0..1, but is {weight}", nameof(weight));
        }

        double[] many = MeansOf(outcomes, ErrorMeasure.Many, "many"), few = MeansOf(outcomes, ErrorMeasure.Few, "few");
        return [.. many.Select((error, method) => weight * few[method] / few[0] + (1 - weight) * error / many[0])];
    }

    private static double[] MeansOf(IReadOnlyList<IReadOnlyList<MethodOutcome>> outcomes, ErrorMeasure measure, string name)
    {
        ShotReport? first = outcomes[0][0].Validation;
        if (first is null || measure.Of(first) is null || measure.Of(outcomes[0][0].Test) is null)
        {
            throw new InvalidDataException($"trade-off: there are no {name}-shot validation or no {name}-shot test rows, between which and the others to trade");
        }

        return [.. outcomes.Select(seeds => seeds.Average(seed => measure.Of(seed.Validation!)!.Value))];
    }
}
