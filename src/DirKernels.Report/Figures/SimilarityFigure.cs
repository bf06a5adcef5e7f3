using DirKernels.Diagnostics;

namespace DirKernels.Report;

/// <summary>Similarity maps: feature statistics of every bin against every bin, without and with feature smoothing.</summary>
public static class SimilarityFigure
{
    /// <summary>Makes the figure.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="target">Name of the label.</param>
    public static Figure Of(Diagnosis diagnosis, string target)
    {
        (string Title, double[] Values)[] maps =
        [
            ("means, without FDS", diagnosis.Before.Means), ("means, with FDS", diagnosis.After.Means),
            ("variances, without FDS", diagnosis.Before.Variances), ("variances, with FDS", diagnosis.After.Variances),
        ];
        double[] edges = diagnosis.Bins.Edges.ToArray();
        Axis axis = BinAxis.Of(diagnosis.Bins, target);
        Panel[] panels = [.. maps.Select((map, i) =>
        {
            // Both maps of a row have one scale.
            (_, double[] other) = maps[i ^ 1];
            double lowest = map.Values.Concat(other).Where(value => !double.IsNaN(value)).DefaultIfEmpty(0).Min();
            var scale = new ColorScale("cosine similarity", Math.Min(Math.Floor(lowest * 10) / 10, 0.9), 1);
            return new Panel(axis, axis with { Label = target }, [new HeatMapMark(edges, map.Values, scale) { Series = map.Title, IsInLegend = false }])
            {
                Title = map.Title, Scale = scale, HasLegend = false,
            };
        })];
        return new Figure(
            "similarity",
            "Features of every bin against every bin",
            FormattableString.Invariant($"Four matrices over {diagnosis.Bins.Count} label bins; mean similarity of the feature means of different bins {MeanOff(diagnosis.Before.Means, diagnosis.Bins.Count):0.00} without and {MeanOff(diagnosis.After.Means, diagnosis.Bins.Count):0.00} with feature smoothing."),
            "Cosine similarity of feature means and of feature variances of all pairs of bins, light where they are alike; both maps of a row share a scale. A light band along the diagonal that widens smoothly says that features follow the label; stripes are bins whose statistics stand apart, mostly for want of rows. "
            + "Bins without training rows (for variances: with fewer than two) are left blank. One seed.",
            panels)
        { Columns = 2 };
    }

    private static double MeanOff(double[] values, int bins)
    {
        double[] off = [.. values.Where((value, at) => at / bins != at % bins && !double.IsNaN(value))];
        return off.Length == 0 ? double.NaN : off.Average();
    }
}
