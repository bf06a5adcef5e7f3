namespace DirKernels.Report;

/// <summary>Stretches of the horizontal axis with a ground darker than the paper, such as the few-shot bins.</summary>
/// <param name="Level">How dark, 1 to 3; 0 is the paper.</param>
/// <param name="Lower">n lower ends.</param>
/// <param name="Upper">n upper ends.</param>
public sealed record ShadeMark(int Level, IReadOnlyList<double> Lower, IReadOnlyList<double> Upper) : Mark
{
    internal override string Kind => "shade";

    internal override void Draw(PanelSurface surface)
    {
        MarkupWriter svg = OpenGroup(surface, null, ("lower", DataText.Of(Lower)), ("upper", DataText.Of(Upper)));
        for (int i = 0; i < Lower.Count; i++)
        {
            double x0 = surface.X(Lower[i]);
            svg.Open("rect").With("class", $"shade shade-{Level}").With("x", x0).With("y", surface.Top)
                .With("width", surface.X(Upper[i]) - x0).With("height", surface.Bottom - surface.Top).Close();
        }

        svg.Close();
    }

    internal override void DrawSample(MarkupWriter svg, double x, double y) =>
        svg.Open("rect").With("class", $"shade shade-{Level} swatch").With("x", x + 2).With("y", y - 1).With("width", 14).With("height", 12).Close();
}
