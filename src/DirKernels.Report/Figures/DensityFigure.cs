namespace DirKernels.Report;

/// <summary>Label density: training rows of each bin, and the effective density that label smoothing makes of them.</summary>
public static class DensityFigure
{
    /// <summary>Makes the figure.</summary>
    /// <param name="bins">B bins.</param>
    /// <param name="empirical">[B] training rows.</param>
    /// <param name="effective">[B] the same smoothed, in rows per bin.</param>
    /// <param name="target">Name of the label.</param>
    /// <param name="window">The smoothing window in words.</param>
    public static Figure Of(LabelBins bins, double[] empirical, double[] effective, string target, string window)
    {
        double[] lower = BinAxis.LowerEdges(bins), upper = BinAxis.UpperEdges(bins), centres = BinAxis.Centres(bins);
        double?[] rows = [.. empirical.Select(count => count > 0 ? count : (double?)null)];
        double?[] smoothed = [.. effective.Select(density => density > 0 ? density : (double?)null)];
        var panel = new Panel(
            BinAxis.Of(bins, target),
            Axis.Logarithmic("training rows per bin (logarithmic)", rows.Concat(smoothed)),
            [
                new BarMark(lower, upper, rows) { Series = "empirical", Color = PlotColor.Neutral, IsPale = true },
                new LineMark(centres, smoothed) { Series = "effective", Color = PlotColor.Blue },
            ])
        { Aspect = 0.34 };
        int full = empirical.Count(count => count > 0), fullest = Array.IndexOf(empirical, empirical.Max());
        double least = empirical.Where(count => count > 0).Min(), total = empirical.Sum();
        string description = FormattableString.Invariant(
            $"{total:0} training rows in {full} of {bins.Count} bins; the fullest bin, at {target} {bins.Centre(fullest):G4}, has {empirical[fullest]:0}, the emptiest of the others {least:0}.");
        return new Figure(
            "density",
            "Label density, empirical and effective",
            description,
            $"Bars: training rows in each bin of {target}; an empty bin has no bar. Line: the same after smoothing with the label window ({window}, taps summing to 1), which is the density behind LDS weights. "
            + "Both are in rows per bin, so that equal heights are equal amounts. It says how the training rows lie, not how hard a label is to predict.",
            [panel]);
    }
}
