using DirKernels.Evaluation;

namespace DirKernels.Report;

/// <summary>Error of each bin of the baseline and the best other method, and what the latter gains, over the regions.</summary>
public static class BinErrorFigure
{
    /// <summary>Makes the figure.</summary>
    /// <param name="summary">The comparison.</param>
    /// <param name="target">Name of the label.</param>
    public static Figure Of(ComparisonSummary summary, string target)
    {
        LabelBins bins = summary.Bins;
        double[] centres = BinAxis.Centres(bins), lower = BinAxis.LowerEdges(bins), upper = BinAxis.UpperEdges(bins);
        Axis x = BinAxis.Of(bins, target);
        string baseline = summary.Names[0], best = summary.Names[summary.Best];
        double?[] baseErrors = summary.BinErrorsOf(0), bestErrors = summary.BinErrorsOf(summary.Best);
        var lines = new List<Mark>(RegionShades.Of(bins, summary.Regions, inLegend: true))
        {
            new LineMark(centres, baseErrors) { Series = baseline, Color = PlotColor.Neutral },
        };
        if (summary.Best == 0)
        {
            var single = new Panel(x, Axis.Around($"MAE ({target})", baseErrors, withZero: true), lines) { Aspect = 0.34 };
            return new Figure("bin-errors", "Error of each label bin", Described(summary, target), Caption(baseline, null), [single]);
        }

        lines.Add(new LineMark(centres, bestErrors) { Series = best, Color = PlotColor.Blue });
        double?[] gains = summary.BinGainsOf(summary.Best);
        double?[] better = [.. gains.Select(gain => gain > 0 ? gain : null)], worse = [.. gains.Select(gain => gain < 0 ? gain : null)];
        var bars = new List<Mark>(RegionShades.Of(bins, summary.Regions, inLegend: false))
        {
            new BarMark(lower, upper, better) { Series = $"{best} is better", Color = PlotColor.Blue },
            new BarMark(lower, upper, worse) { Series = $"{baseline} is better", Color = PlotColor.Vermilion },
            new RuleMark { Series = "no gain", Y = 0, IsInLegend = false },
        };
        return new Figure(
            "bin-errors",
            $"Error of each label bin, and the gain of {best} over {baseline}",
            Described(summary, target),
            Caption(baseline, best),
            [
                new Panel(x with { Label = "" }, Axis.Around($"MAE ({target})", baseErrors.Concat(bestErrors), withZero: true), lines) { Aspect = 0.3 },
                new Panel(x, Axis.Around($"gain: MAE of {baseline} minus MAE of {best}", gains, withZero: true), bars) { Aspect = 0.2 },
            ]);
    }

    private static string Caption(string baseline, string? best) =>
        "Mean over the seeds of the mean absolute error of the test rows in each bin; a bin without test rows has no point. The ground tells the region: plain for many-shot, then ever stronger "
        + "for medium-shot, few-shot and zero-shot (by training rows in the bin). "
        + (best is null
            ? $"Only {baseline} was run."
            : $"Below, what {best} gains: upwards it is better, downwards {baseline} is. {best} is the method with the lowest validation error beside the baseline; test rows took no part in that choice. "
            + "Single bins hold few test rows and have no intervals here: read runs of bins, and the intervals of the regions for what is supported.");

    private static string Described(ComparisonSummary summary, string target)
    {
        double?[] gains = summary.BinGainsOf(summary.Best);
        int tested = gains.Count(gain => gain is not null), better = gains.Count(gain => gain > 0);
        return FormattableString.Invariant(
            $"Mean absolute error by {target} over {tested} bins with test rows. ")
            + (summary.Best == 0 ? "" : FormattableString.Invariant($"{summary.Names[summary.Best]} has the lower error in {better} of them."));
    }
}
