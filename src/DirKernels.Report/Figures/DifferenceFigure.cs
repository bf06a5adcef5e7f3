using DirKernels.Evaluation;

namespace DirKernels.Report;

/// <summary>Differences of all methods to the baseline by region, with intervals that hold for all methods together.</summary>
public static class DifferenceFigure
{
    /// <summary>Makes the figure; null for one method or one seed.</summary>
    /// <param name="summary">The comparison.</param>
    /// <param name="target">Name of the label.</param>
    public static Figure? Of(ComparisonSummary summary, string target)
    {
        int seeds = summary.Outcomes[0].Count;
        if (summary.Standings.Length == 0 || seeds < 2)
        {
            return null;
        }

        ErrorMeasure[] shown = [ErrorMeasure.Few, ErrorMeasure.Many, ErrorMeasure.Overall, ErrorMeasure.Balanced];
        Panel[] panels = [.. shown.Where(measure => summary.Standings[0].By(measure) is not null).Select(measure => PanelOf(summary, measure, target))];
        MethodStanding[] standings = summary.Standings;
        string description = string.Join("; ", shown.Where(measure => standings[0].By(measure) is not null).Select(measure =>
            $"{measure.Title}: {standings.Count(s => s.By(measure)!.Decision == Decision.Win)} lower, {standings.Count(s => s.By(measure)!.Decision == Decision.Tie)} undecided, {standings.Count(s => s.By(measure)!.Decision == Decision.Loss)} higher"));
        return new Figure(
            "differences",
            $"Difference to {summary.Names[0]}, by region",
            $"Of {standings.Length} methods, {description}.",
            FormattableString.Invariant($"Error of each method minus that of {summary.Names[0]} with the same seed: mean over {seeds} seeds, and 95 % intervals by Student's t that hold for all {standings.Length} methods ")
            + "of a panel together (Bonferroni). Left of the line the method is better. Colours tell the decision by Holm-corrected paired tests at 5 %, which may find a difference where the wider joint interval still touches the line. "
            + "The seeds vary initial weights and the order of rows, not the split: another split of the data may shift all of it.",
            panels)
        { Columns = 2 };
    }

    private static Panel PanelOf(ComparisonSummary summary, ErrorMeasure measure, string target)
    {
        string[] names = [.. summary.Standings.Select(standing => standing.Name)];
        var marks = new List<Mark> { new RuleMark { Series = "no difference", X = 0, IsInLegend = false } };
        var ends = new List<double?> { 0 };
        foreach ((Decision decision, PlotColor color, string title) in new[]
        {
            (Decision.Win, PlotColor.Blue, "lower"), (Decision.Tie, PlotColor.Neutral, "undecided"), (Decision.Loss, PlotColor.Vermilion, "higher"),
        })
        {
            IntervalPoint[] points = [.. summary.Standings.Select((standing, i) => (Standing: standing.By(measure)!, Row: i))
                .Where(entry => entry.Standing.Decision == decision)
                .Select(entry => new IntervalPoint(
                    names[entry.Row], entry.Standing.Difference.Mean, entry.Row, entry.Standing.Simultaneous.Lower, entry.Standing.Simultaneous.Upper))];
            ends.AddRange(points.SelectMany(point => new[] { point.XLower, point.XUpper, point.X }));
            if (points.Length > 0)
            {
                marks.Add(new IntervalMark(points) { Series = title, Color = color });
            }
        }

        string title2 = measure == ErrorMeasure.Balanced ? "bMAE" : $"{measure.Title}{(measure == ErrorMeasure.Overall ? "" : "-shot")} MAE";
        return new Panel(Axis.Around($"difference ({target})", ends), Axis.Names("", names), marks) { Title = title2, IsTopDown = true };
    }
}
