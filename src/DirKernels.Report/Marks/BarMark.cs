namespace DirKernels.Report;

/// <summary>Bars between bin edges, from zero (on a logarithmic axis: from its lower end) to a number.</summary>
/// <param name="Lower">n lower edges.</param>
/// <param name="Upper">n upper edges.</param>
/// <param name="Y">n numbers; null leaves the bar out.</param>
public sealed record BarMark(IReadOnlyList<double> Lower, IReadOnlyList<double> Upper, IReadOnlyList<double?> Y) : Mark
{
    /// <summary>Whether bars are pale, so that a line in front of them can be followed.</summary>
    public bool IsPale { get; init; }

    internal override string Kind => "bars";

    internal override void Draw(PanelSurface surface)
    {
        MarkupWriter svg = OpenGroup(
            surface, IsPale ? "pale" : null, ("lower", DataText.Of(Lower)), ("upper", DataText.Of(Upper)), ("y", DataText.Of(Y)));
        double ground = surface.Y(surface.HasNoZero ? surface.LowestY : 0);
        for (int i = 0; i < Y.Count; i++)
        {
            if (Y[i] is not { } value || value == 0)
            {
                continue;
            }

            double x0 = surface.X(Lower[i]), x1 = surface.X(Upper[i]), y = surface.Y(value);
            double gap = x1 - x0 > 4 ? 0.6 : 0;
            svg.Open("rect").With("class", "bar").With("x", x0 + gap / 2).With("y", Math.Min(y, ground))
                .With("width", Math.Max(0.5, x1 - x0 - gap)).With("height", Math.Max(0.6, Math.Abs(ground - y))).Close();
        }

        svg.Close();
    }
}
