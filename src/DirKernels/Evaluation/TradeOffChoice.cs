using DirKernels.Methods;
using DirKernels.Metrics;

namespace DirKernels.Evaluation;

/// <summary>The method to pick for a stated trade-off, chosen on validation rows, with what it reaches on test rows.</summary>
/// <param name="Weight">W in 0..1.</param>
/// <param name="Costs">[methods] costs on the validation rows (<see cref="TradeOff.Costs"/>).</param>
/// <param name="Pick">The method with the lowest cost.</param>
/// <param name="OnFront">[methods] whether the mean errors on the test rows are on the front.</param>
/// <param name="Sentence">All of it in words.</param>
public sealed record TradeOffChoice(double Weight, double[] Costs, int Pick, bool[] OnFront, string Sentence)
{
    /// <summary>Chooses.</summary>
    /// <param name="outcomes">[methods][seeds]; the first method is the baseline.</param>
    /// <param name="weight">W in 0..1.</param>
    /// <exception cref="InvalidDataException">There are no many-shot or no few-shot validation or test rows.</exception>
    public static TradeOffChoice Of(IReadOnlyList<IReadOnlyList<MethodOutcome>> outcomes, double weight)
    {
        double[] costs = TradeOff.Costs(outcomes, weight);
        int pick = Array.IndexOf(costs, costs.Min());
        MeanInterval[] many = [.. outcomes.Select(seeds => MeanInterval.Compute(ErrorMeasure.Many.Series(seeds)))];
        MeanInterval[] few = [.. outcomes.Select(seeds => MeanInterval.Compute(ErrorMeasure.Few.Series(seeds)))];
        string Told(string what, MeanInterval[] errors) => FormattableString.Invariant($"{what} MAE is {errors[pick].Mean:G4}")
            + (errors[pick] is { Lower: { } lower, Upper: { } upper } ? FormattableString.Invariant($" [{lower:G4}, {upper:G4}]") : "")
            + (pick == 0 ? "" : FormattableString.Invariant($" ({100 * (errors[pick].Mean / errors[0].Mean - 1):+0.0;-0.0;0.0} %)"));
        string baseline = outcomes[0][0].Method.Name;
        string sentence = FormattableString.Invariant($"If a change of the few-shot error by one per cent counts {weight:0.##} and one of the many-shot error {1 - weight:0.##}, pick {outcomes[pick][0].Method.Name}: ")
            + FormattableString.Invariant($"its cost on the validation rows is {costs[pick]:0.000} of that of {baseline}, the lowest of {costs.Length}; on the test rows its {Told("few-shot", few)} and its {Told("many-shot", many)}{(pick == 0 ? "" : $", against {baseline}")}.");
        return new TradeOffChoice(
            weight, costs, pick, TradeOff.Front([.. many.Select((interval, method) => (interval.Mean, few[method].Mean))]), sentence);
    }
}
