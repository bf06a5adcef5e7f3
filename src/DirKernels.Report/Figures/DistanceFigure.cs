using DirKernels.Diagnostics;

namespace DirKernels.Report;

/// <summary>Mean distance between running and smoothed feature statistics after each epoch.</summary>
public static class DistanceFigure
{
    /// <summary>Makes the figure.</summary>
    /// <param name="distances">The distances.</param>
    public static Figure Of(SmoothingDistances distances)
    {
        double[] epochs = [.. Enumerable.Range(1, distances.Means.Count).Select(epoch => (double)epoch)];
        Panel PanelOf(string name, IReadOnlyList<double> values, PlotColor color) => new(
            Axis.Exact("epoch", 1, Math.Max(2, epochs[^1])),
            Axis.Around("mean |running \u2212 smoothed|", values.Select(value => (double?)value), withZero: true),
            [new LineMark(epochs, [.. values.Select(value => (double?)value)]) { Series = name, Color = color, IsInLegend = false }])
        { Title = name, Aspect = 0.6 };
        return new Figure(
            "distances",
            "How far smoothing moves the feature statistics",
            FormattableString.Invariant($"Mean distance of means {distances.Means[0]:G3} after the first epoch and {distances.Means[^1]:G3} after the last; of variances {distances.Variances[0]:G3} and {distances.Variances[^1]:G3}."),
            "Mean absolute difference between running and smoothed statistics over all bins and feature dimensions, after each epoch of a network trained with FDS (one seed); means in units of the features, variances in squared units. "
            + "It is relative to the size of the features, which grows while a network learns: read its course, not its height, and do not compare it between networks.",
            [PanelOf("feature means", distances.Means, PlotColor.Blue), PanelOf("feature variances", distances.Variances, PlotColor.Green)])
        { Columns = 2 };
    }
}
