using DirKernels.Evaluation;

namespace DirKernels.Report;

/// <summary>Learning curves: validation error after each epoch, mean and spread over seeds.</summary>
public static class LearningFigure
{
    /// <summary>Makes the figure.</summary>
    /// <param name="summary">The comparison.</param>
    /// <param name="target">Name of the label.</param>
    /// <param name="selection">What the validation error is, such as MAE.</param>
    public static Figure Of(ComparisonSummary summary, string target, string selection)
    {
        LearningCurve[] curves = [.. summary.Outcomes.Select(LearningCurve.Of)];
        var marks = new List<Mark>();
        bool many = curves.Length > 2;
        for (int method = 1; method < curves.Length; method++)
        {
            if (method != summary.Best)
            {
                marks.Add(LineOf(curves[method], PlotColor.Faint) with { IsInLegend = false });
            }
        }

        foreach ((int method, PlotColor color) in new[] { (0, PlotColor.Neutral), (summary.Best, PlotColor.Blue) }.Take(summary.Best == 0 ? 1 : 2))
        {
            if (curves[method].Lower is { } lower)
            {
                marks.Add(new BandMark(curves[method].Epochs, lower, curves[method].Upper!) { Series = curves[method].Name, Color = color, IsInLegend = false });
            }

            marks.Add(LineOf(curves[method], color));
        }

        IEnumerable<double?> ends = marks.SelectMany(mark => mark switch
        {
            BandMark band => band.Lower.Concat(band.Upper).Select(value => (double?)value),
            LineMark line => line.Y,
            _ => [],
        });
        double last = curves.Max(curve => curve.Epochs[^1]);
        var panel = new Panel(
            Axis.Exact("epoch", 1, Math.Max(2, last)), Axis.Logarithmic($"validation {selection} ({target}, logarithmic)", ends, room: 1.1), marks)
        { Aspect = 0.36 };
        return new Figure(
            "learning",
            "Learning curves",
            string.Join("; ", new[] { 0, summary.Best }.Distinct().Select(method => FormattableString.Invariant(
                $"{curves[method].Name}: validation {selection} {curves[method].Mean[0]:G4} after the first epoch, {curves[method].Mean[^1]:G4} after epoch {curves[method].Epochs[^1]:0}"))) + ".",
            FormattableString.Invariant($"Validation {selection} after each epoch: mean over {summary.Outcomes[0].Count} seeds; bands reach one standard deviation over seeds to either side. ")
            + (many ? "The other methods are the pale lines without names. " : "")
            + "The model that is tested is that of each seed's best epoch, not of the last one. Curves of runs that stop early end where the first seed ends; a second stage of training follows the first.",
            [panel]);
    }

    private static LineMark LineOf(LearningCurve curve, PlotColor color) =>
        new(curve.Epochs, [.. curve.Mean.Select(value => (double?)value)]) { Series = curve.Name, Color = color };
}
