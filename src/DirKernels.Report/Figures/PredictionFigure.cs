using DirKernels.Evaluation;
using DirKernels.Methods;

namespace DirKernels.Report;

/// <summary>Predicted against true labels of the baseline and the best other method.</summary>
public static class PredictionFigure
{
    /// <summary>Most rows that are drawn; of more, every so-manieth is.</summary>
    public const int MostPoints = 4000;

    /// <summary>The test rows that are drawn, in order.</summary>
    public static int[] RowsOf(ComparisonSummary summary)
    {
        int every = (summary.TestLabels.Length + MostPoints - 1) / MostPoints;
        return [.. Enumerable.Range(0, summary.TestLabels.Length).Where(row => row % every == 0)];
    }

    /// <summary>Makes the figure.</summary>
    /// <param name="summary">The comparison.</param>
    /// <param name="target">Name of the label.</param>
    public static Figure Of(ComparisonSummary summary, string target)
    {
        int[] rows = RowsOf(summary);
        double[] labels = Array.ConvertAll(rows, row => summary.TestLabels[row]);
        int[] methods = summary.Best == 0 ? [0] : [0, summary.Best];
        MethodOutcome[] outcomes = Array.ConvertAll(methods, method => summary.Outcomes[method][0]);
        double[] all = [.. labels, .. outcomes.SelectMany(outcome => rows.Select(row => outcome.Predictions[row]))];
        double lowest = all.Min(), highest = all.Max(), room = Math.Max(0.03 * (highest - lowest), 1e-9 * Math.Abs(highest));
        Axis range = room > 0 ? Axis.Exact("", lowest - room, highest + room) : Axis.Around("", [lowest]);
        Panel[] panels = [.. outcomes.Select((outcome, i) => new Panel(
            range with { Label = $"true {target}" },
            range with { Label = $"predicted {target}" },
            [
                new CloudMark(labels, Array.ConvertAll(rows, row => outcome.Predictions[row]))
                {
                    Series = outcome.Method.Name, Color = i == 0 ? PlotColor.Neutral : PlotColor.Blue, IsInLegend = false,
                },
                new RuleMark { Series = "predicted = true", Color = PlotColor.Faint, IsInLegend = false },
            ]) { Title = outcome.Method.Name, Aspect = summary.Best == 0 ? 0.6 : 0.9 })];
        string which = rows.Length == summary.TestLabels.Length ? "all" : FormattableString.Invariant($"every {rows[1]}th of");
        string biases = string.Join("; ", outcomes.Select(outcome => FormattableString.Invariant($"{outcome.Method.Name}: Pearson correlation {outcome.Test.Overall.Pearson:0.000}")));
        return new Figure(
            "predictions",
            "Predicted against true labels",
            FormattableString.Invariant($"{which} {summary.TestLabels.Length} test rows. {biases}."),
            FormattableString.Invariant($"One point for each test row ({which} {summary.TestLabels.Length}), from seed {outcomes[0].Seed} alone; on the dashed line predictions are exact. ")
            + "A cloud that bends below the line at high labels shrinks rare labels towards the frequent ones. It shows one seed and says nothing of the spread between seeds.",
            panels)
        { Columns = panels.Length };
    }
}
