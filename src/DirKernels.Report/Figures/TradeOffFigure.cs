using DirKernels.Evaluation;

namespace DirKernels.Report;

/// <summary>The dial between frequent and rare labels: many-shot against few-shot error of each power, with and without label smoothing.</summary>
public static class TradeOffFigure
{
    private const string Smoothing = "lds";

    /// <summary>Makes the figure.</summary>
    /// <param name="summary">A comparison of <see cref="TradeOff.Methods"/>.</param>
    /// <param name="choice">What to pick.</param>
    /// <param name="target">Name of the label.</param>
    public static Figure Of(ComparisonSummary summary, TradeOffChoice choice, string target)
    {
        IntervalPoint[] points = [.. summary.Outcomes.Select(RegionFigure.PointOf).Select(point => point with { Label = Short(point.Name) })];
        bool IsSmoothed(IntervalPoint point) => point.Name.Contains(Smoothing, StringComparison.Ordinal);
        IntervalPoint[] plain = [.. points.Where(point => !IsSmoothed(point))], smoothed = [.. points.Where(IsSmoothed)];
        IntervalPoint[] front = [.. points.Where((_, method) => choice.OnFront[method]).OrderBy(point => point.X)];
        var panel = new Panel(
            Axis.Around($"many-shot MAE ({target})", points.SelectMany(p => new[] { p.XLower, p.XUpper, p.X })),
            Axis.Around($"few-shot MAE ({target})", points.SelectMany(p => new[] { p.YLower, p.YUpper, p.Y })),
            [
                new LineMark([.. front.Select(point => point.X)], [.. front.Select(point => (double?)point.Y)]) { Series = "front", Color = PlotColor.Faint, IsDashed = true },
                new IntervalMark(plain) { Series = "power of the density", Color = PlotColor.Vermilion, HasNames = true },
                new IntervalMark(smoothed) { Series = "with lds", Color = PlotColor.Blue, HasNames = true },
                new RingMark(points[choice.Pick].X, points[choice.Pick].Y) { Series = FormattableString.Invariant($"pick for W = {choice.Weight:0.##}"), Color = PlotColor.Green },
            ])
        { Aspect = 0.56 };
        return new Figure(
            "trade-off",
            "The dial between frequent and rare labels",
            choice.Sentence,
            FormattableString.Invariant($"Weights inverse to a power of the label density, from 0 (all rows weigh the same) to 1 (all bins do), named beside the points; mean over {summary.Outcomes[0].Count} seeds on the test rows, each with its own 95 % interval by Student's t. ")
            + "The dashed line joins the methods that no other beats in both means; where intervals overlap, its course is chance. The ring is chosen on validation rows, so it need not lie on the front. Neither axis starts at zero.",
            [panel]);
    }

    private static string Short(string name) => name.Replace("power:", "", StringComparison.Ordinal).Replace("+" + Smoothing, " lds", StringComparison.Ordinal);
}
