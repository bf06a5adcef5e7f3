using DirKernels.Diagnostics;

namespace DirKernels.Report;

/// <summary>Error of each bin against its density, empirical and effective.</summary>
public static class DensityErrorFigure
{
    /// <summary>Makes the figure.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="target">Name of the label.</param>
    public static Figure Of(Diagnosis diagnosis, string target)
    {
        int[] judged = [.. Enumerable.Range(0, diagnosis.Bins.Count).Where(b => diagnosis.BinErrors[b] is not null)];
        double[] errors = Array.ConvertAll(judged, b => diagnosis.BinErrors[b]!.Value);
        DensityCorrelations correlations = diagnosis.Correlations;
        Axis y = Axis.Around($"MAE of the bin ({target})", errors.Select(error => (double?)error), withZero: true);
        Panel PanelOf(string name, double[] density, double? correlation, PlotColor color)
        {
            // One added, as in the logarithm that is correlated: empty bins have a place.
            double[] x = Array.ConvertAll(judged, b => 1 + density[b]);
            string told = correlation is { } r ? FormattableString.Invariant($", r = {r:0.00}").Replace('-', '\u2212') : "";
            return new Panel(
                Axis.Logarithmic("1 + rows per bin (logarithmic)", x.Select(value => (double?)value), room: 1.3), y,
                [new IntervalMark([.. judged.Select((b, i) => new IntervalPoint(FormattableString.Invariant($"bin{b}"), x[i], errors[i]))]) { Series = name, Color = color, IsInLegend = false }])
            {
                Title = name + told,
                Aspect = 0.72,
            };
        }

        return new Figure(
            "density-error",
            "Error of a bin against its density",
            FormattableString.Invariant($"Pearson correlation of the error with the logarithm of the density over {correlations.Bins} bins: empirical {correlations.LogEmpirical:0.00}, effective {correlations.LogEffective:0.00}."),
            $"One point for each bin with {(diagnosis.JudgesTestRows ? "test" : "validation")} rows: mean absolute error of a network trained without any treatment (one seed) against the training rows of the bin; r is the Pearson correlation with the logarithm. "
            + "Where r is nearer to \u22121 on the right, the smoothed density tells better which labels are predicted badly, which is what label smoothing builds on. A correlation over bins is no proof of cause: labels at the ends of the range are often rare and hard at once.",
            [
                PanelOf("empirical density", diagnosis.EmpiricalDensity, correlations.LogEmpirical, PlotColor.Neutral),
                PanelOf("effective density", diagnosis.EffectiveDensity, correlations.LogEffective, PlotColor.Blue),
            ])
        { Columns = 2 };
    }
}
