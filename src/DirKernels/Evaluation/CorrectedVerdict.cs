using DirKernels.Methods;

namespace DirKernels.Evaluation;

/// <summary>What a comparison supports once the number of methods is accounted for, in words.</summary>
public static class CorrectedVerdict
{
    /// <summary>One or two sentences about few-shot and overall errors, or balanced errors where there are no few-shot rows.</summary>
    /// <param name="outcomes">[methods][seeds].</param>
    /// <param name="standings">[methods - 1].</param>
    public static string Of(IReadOnlyList<IReadOnlyList<MethodOutcome>> outcomes, IReadOnlyList<MethodStanding> standings)
    {
        string baseline = outcomes[0][0].Method.Name;
        int seeds = outcomes[0].Count;
        if (standings.Count == 0)
        {
            return $"Only {baseline} was run: there is nothing to compare it with.";
        }

        if (seeds == 1)
        {
            return "One seed gives no interval: the numbers support no ranking; 5 seeds or more do.";
        }

        ErrorMeasure rare = standings[0].By(ErrorMeasure.Few) is null ? ErrorMeasure.Balanced : ErrorMeasure.Few;
        string rareName = rare == ErrorMeasure.Few ? "few-shot MAE" : "bMAE";
        bool anyOpen = standings.Any(standing => standing.By(rare)!.Decision == Decision.Tie);
        return $"Against {baseline} over {seeds} paired seeds, corrected for the number of methods ({standings.Count}): {Judge(rare, rareName, outcomes, standings)}; "
            + $"{Judge(ErrorMeasure.Overall, "overall MAE", outcomes, standings)}."
            + (anyOpen && seeds < 5 ? FormattableString.Invariant($" {seeds} seeds decide little once corrected: use 5 or more.") : "");
    }

    private static string Judge(
        ErrorMeasure measure, string name, IReadOnlyList<IReadOnlyList<MethodOutcome>> outcomes, IReadOnlyList<MethodStanding> standings)
    {
        double baseline = measure.Series(outcomes[0])!.Average();
        string Listed(Decision decision, string words)
        {
            string[] names = [.. standings.Where(standing => standing.By(measure)!.Decision == decision).Select(standing =>
                FormattableString.Invariant($"{standing.Name} ({100 * standing.By(measure)!.Difference.Mean / baseline:+0.0;-0.0;0.0} %)"))];
            return names.Length == 0 ? "" : $"{words} {string.Join(", ", names)}";
        }

        string[] parts = [Listed(Decision.Win, "lower with"), Listed(Decision.Loss, "higher with"), Listed(Decision.Tie, "undecided with")];
        return $"{name} is {string.Join(", ", parts.Where(part => part.Length > 0))}";
    }
}
