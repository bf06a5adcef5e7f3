using DirKernels.Evaluation;
using DirKernels.Metrics;

namespace DirKernels.Report;

/// <summary>Many-shot against few-shot error of all methods: what each gives up to gain.</summary>
public static class RegionFigure
{
    /// <summary>Makes the figure; null when there are no many- or no few-shot test rows.</summary>
    /// <param name="summary">The comparison.</param>
    /// <param name="target">Name of the label.</param>
    public static Figure? Of(ComparisonSummary summary, string target)
    {
        if (ErrorMeasure.Many.Series(summary.Outcomes[0]) is null || ErrorMeasure.Few.Series(summary.Outcomes[0]) is null)
        {
            return null;
        }

        IntervalPoint[] points = [.. summary.Outcomes.Select(PointOf)];
        var marks = new List<Mark>
        {
            new IntervalMark(points[..1]) { Series = "baseline", Color = PlotColor.Neutral, HasNames = true, IsInLegend = false },
        };
        if (points.Length > 1)
        {
            marks.Add(new IntervalMark(points[1..]) { Series = "methods", Color = PlotColor.Blue, HasNames = true, IsInLegend = false });
        }

        var panel = new Panel(
            Axis.Around($"many-shot MAE ({target})", points.SelectMany(p => new[] { p.XLower, p.XUpper, p.X })),
            Axis.Around($"few-shot MAE ({target})", points.SelectMany(p => new[] { p.YLower, p.YUpper, p.Y })),
            marks)
        { Aspect = 0.52 };
        IntervalPoint lowest = points.MinBy(point => point.Y);
        return new Figure(
            "many-few",
            "Many-shot against few-shot error",
            FormattableString.Invariant($"The lowest few-shot error is that of {lowest.Name}, {lowest.Y:G4}, with a many-shot error of {lowest.X:G4}; {points[0].Name} has {points[0].Y:G4} and {points[0].X:G4}."),
            FormattableString.Invariant($"Each method's mean over {summary.Outcomes[0].Count} seeds on the test rows with its own 95 % interval by Student's t in both directions. Further left is better for frequent labels, further down for rare ones. ")
            + "Neither axis starts at zero. The intervals are those of each method alone; differences between methods are paired over seeds and are told more sharply by the figure of differences.",
            [panel]);
    }

    /// <summary>The point of a method: mean and interval of its many- and few-shot errors.</summary>
    internal static IntervalPoint PointOf(IReadOnlyList<Methods.MethodOutcome> seeds)
    {
        MeanInterval many = MeanInterval.Compute(ErrorMeasure.Many.Series(seeds)), few = MeanInterval.Compute(ErrorMeasure.Few.Series(seeds));
        return new IntervalPoint(seeds[0].Method.Name, many.Mean, few.Mean, many.Lower, many.Upper, few.Lower, few.Upper);
    }
}
