using DirKernels.Evaluation;
using DirKernels.Metrics;

namespace DirKernels.Report;

/// <summary>Reliability of stated uncertainties: share of the labels within central intervals against the level of these, by region.</summary>
public static class ReliabilityFigure
{
    private static readonly PlotColor[] _colors = [PlotColor.Blue, PlotColor.Vermilion, PlotColor.Green, PlotColor.Purple, PlotColor.Ochre, PlotColor.Neutral];

    private static readonly (string Key, string Title)[] _panels = [("overall", "all rows"), ("many", "many-shot rows"), ("medium", "medium-shot rows"), ("few", "few-shot rows")];

    /// <summary>Makes the figure; null when no method says how uncertain it is.</summary>
    /// <param name="summary">The comparison.</param>
    public static Figure? Of(ComparisonSummary summary)
    {
        UncertaintySeries[] methods = [.. summary.Uncertainties.OfType<UncertaintySeries>()];
        if (methods.Length == 0)
        {
            return null;
        }

        (UncertaintyRegion Region, string Title)[] shown =
        [
            .. _panels.Select(panel => (Region: UncertaintyRegion.All.Single(region => region.Key == panel.Key), panel.Title))
                .Where(panel => panel.Region.Of(methods[0].Seeds[0]) is not null),
        ];
        Panel[] panels = [.. shown.Select((panel, i) => PanelOf(methods, panel.Region, panel.Title) with { HasLegend = i == 0 })];
        string lines = string.Join("; ", methods.Select(Described));
        return new Figure(
            "reliability",
            "Reliability of the uncertainty",
            $"Of labels within 90 % intervals: {lines}.",
            "Share of the test labels that lie within central intervals around their predictions, against the share that these intervals promise; mean over "
            + FormattableString.Invariant($"{summary.Outcomes[0].Count} {(summary.Outcomes[0].Count == 1 ? "seed" : "seeds")}. On the dashed line the model is as uncertain as it should be; below, it is too sure of itself, above, too cautious. ")
            + "Intervals are those of the distribution that the method predicts: a Laplace distribution of laplace and uvote, otherwise a normal one. "
            + "An ensemble of networks without such a head knows how its networks differ, not how noisy labels are, and is too sure of itself by that.",
            panels)
        { Columns = Math.Min(2, panels.Length) };
    }

    private static Panel PanelOf(UncertaintySeries[] methods, UncertaintyRegion region, string title)
    {
        double[] levels = [.. UncertaintyErrors.Levels.Select(level => 100 * level)];
        var marks = new List<Mark> { new RuleMark { Series = "as promised", Color = PlotColor.Faint } };
        for (int i = 0; i < methods.Length; i++)
        {
            marks.Add(new LineMark(levels, [.. methods[i].MeanCoverage(region)!.Select(share => (double?)(100 * share))])
            {
                Series = methods[i].Name,
                Color = i < _colors.Length ? _colors[i] : PlotColor.Faint,
                IsInLegend = i < _colors.Length,
            });
        }

        int rows = region.Of(methods[0].Seeds[0])!.Count;
        Axis percent = Axis.Exact("", 0, 100) with { Ticks = [0, 25, 50, 75, 100] };
        return new Panel(percent with { Label = "level of the interval (%)" }, percent with { Label = "labels within it (%)" }, marks)
        {
            Title = FormattableString.Invariant($"{title} ({rows})"),
            Aspect = 0.72,
        };
    }

    private static string Described(UncertaintySeries method)
    {
        string Share(UncertaintyRegion region) => FormattableString.Invariant($"{100 * method.Of(region, errors => errors.CoverageAt(90))!.Average():0.0} %");
        string few = UncertaintyRegion.Few.Of(method.Seeds[0]) is null ? "" : $", {Share(UncertaintyRegion.Few)} of few-shot ones";
        return $"{method.Name} {Share(UncertaintyRegion.Overall)}{few}";
    }
}
