using DirKernels.Diagnostics;

namespace DirKernels.Report;

/// <summary>Similarity of the feature statistics of all bins to those of one, without and with feature smoothing.</summary>
public static class AnchorFigure
{
    /// <summary>Makes the figure.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="target">Name of the label.</param>
    public static Figure Of(Diagnosis diagnosis, string target)
    {
        LabelBins bins = diagnosis.Bins;
        int anchor = diagnosis.Before.Anchor;
        Panel PanelOf(string title, double[] before, double[] after, bool isFirst)
        {
            double?[] first = Known(before), second = Known(after);
            return new Panel(
                BinAxis.Of(bins, isFirst ? "" : target),
                Axis.Around("cosine similarity", first.Concat(second).Append(1)),
                [
                    .. RegionShades.Of(bins, diagnosis.Regions, inLegend: isFirst),
                    new RuleMark { Series = "anchor", X = bins.Centre(anchor), IsInLegend = isFirst },
                    new LineMark(BinAxis.Centres(bins), first) { Series = "without FDS", Color = PlotColor.Neutral, IsInLegend = isFirst },
                    new LineMark(BinAxis.Centres(bins), second) { Series = "with FDS", Color = PlotColor.Blue, IsInLegend = isFirst },
                ])
            { Title = title, Aspect = 0.24 };
        }

        return new Figure(
            "anchor-similarity",
            FormattableString.Invariant($"Features of all bins against those of the bin at {bins.Centre(anchor):G4}"),
            FormattableString.Invariant($"Cosine similarity to the anchor bin from {bins.LowerEdge(anchor):G4} to {bins.UpperEdge(anchor):G4} with {diagnosis.Before.Counts[anchor]} training rows; lowest similarity of means {Lowest(diagnosis.Before.MeanToAnchor):0.00} without and {Lowest(diagnosis.After.MeanToAnchor):0.00} with feature smoothing."),
            "Cosine similarity of each bin's feature mean (above) and of its feature variances (below) to those of the anchor bin, the vertical line; features are those of the last hidden layer, before calibration, of two networks trained with the same seed. "
            + "A line that falls smoothly away from the anchor says that neighbouring labels have neighbouring features; jumps in few-shot bins are what feature smoothing is made for. Bins without training rows have no point, bins with one no variance; few rows make noisy statistics.",
            [
                PanelOf("feature means", diagnosis.Before.MeanToAnchor, diagnosis.After.MeanToAnchor, isFirst: true),
                PanelOf("feature variances", diagnosis.Before.VarianceToAnchor, diagnosis.After.VarianceToAnchor, isFirst: false),
            ]);
    }

    private static double?[] Known(double[] values) => [.. values.Select(value => double.IsNaN(value) ? (double?)null : value)];

    private static double Lowest(double[] values) => values.Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Min();
}
