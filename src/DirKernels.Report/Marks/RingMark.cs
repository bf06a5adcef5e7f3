namespace DirKernels.Report;

/// <summary>A ring around a point, to point it out.</summary>
/// <param name="X">Horizontal number.</param>
/// <param name="Y">Vertical number.</param>
public sealed record RingMark(double X, double Y) : Mark
{
    internal override string Kind => "ring";

    internal override void Draw(PanelSurface surface)
    {
        MarkupWriter svg = OpenGroup(surface, null, ("x", DataText.Of(X)), ("y", DataText.Of(Y)));
        Circle(svg, surface.X(X), surface.Y(Y), 9);
        svg.Close();
    }

    internal override void DrawSample(MarkupWriter svg, double x, double y) => Circle(svg, x + 9, y + 5, 6);

    private static void Circle(MarkupWriter svg, double x, double y, double radius) =>
        svg.Open("circle").With("class", "line").With("cx", x).With("cy", y).With("r", radius).Close();
}
