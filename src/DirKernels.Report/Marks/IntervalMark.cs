namespace DirKernels.Report;

/// <summary>Named points with intervals in one or both directions.</summary>
/// <param name="Points">The points.</param>
public sealed record IntervalMark(IReadOnlyList<IntervalPoint> Points) : Mark
{
    /// <summary>Whether the names stand beside the points.</summary>
    public bool HasNames { get; init; }

    internal override string Kind => "intervals";

    internal override void Draw(PanelSurface surface)
    {
        MarkupWriter svg = OpenGroup(
            surface, null,
            ("names", string.Join(' ', Points.Select(point => point.Name.Replace(' ', '_')))),
            ("x", DataText.Of(Points.Select(point => point.X))),
            ("y", DataText.Of(Points.Select(point => point.Y))),
            ("x-lower", DataText.Of(Points.Select(point => point.XLower))),
            ("x-upper", DataText.Of(Points.Select(point => point.XUpper))),
            ("y-lower", DataText.Of(Points.Select(point => point.YLower))),
            ("y-upper", DataText.Of(Points.Select(point => point.YUpper))));
        foreach (IntervalPoint point in Points)
        {
            double x = surface.X(point.X), y = surface.Y(point.Y);
            if (point is { XLower: { } left, XUpper: { } right })
            {
                svg.Open("line").With("class", "whisker").With("x1", surface.X(left)).With("y1", y).With("x2", surface.X(right)).With("y2", y).Close();
                surface.Take(surface.X(left), y - 2, surface.X(right), y + 2);
            }

            if (point is { YLower: { } low, YUpper: { } high })
            {
                svg.Open("line").With("class", "whisker").With("x1", x).With("y1", surface.Y(low)).With("x2", x).With("y2", surface.Y(high)).Close();
                surface.Take(x - 2, surface.Y(high), x + 2, surface.Y(low));
            }

            svg.Open("circle").With("class", "dot").With("cx", x).With("cy", y).With("r", 4).Close();
            surface.Take(x - 5, y - 5, x + 5, y + 5);
        }

        svg.Close();
    }

    /// <summary>Writes the names, once the points of all marks are known and can be kept free.</summary>
    internal void DrawNames(PanelSurface surface)
    {
        if (!HasNames)
        {
            return;
        }

        MarkupWriter svg = surface.Svg;
        foreach (IntervalPoint point in Points)
        {
            double x = surface.X(point.X), y = surface.Y(point.Y);
            double width = TextWidth.Of(point.Label ?? point.Name, PlotStyle.FontSize);
            if (surface.Place(x, y, width, PlotStyle.FontSize + 2) is not var (left, top, distance))
            {
                continue;
            }

            if (distance > 12)
            {
                double near = Math.Clamp(x, left, left + width), level = Math.Clamp(y, top + 3, top + PlotStyle.FontSize);
                svg.Open("line").With("class", "leader").With("x1", x).With("y1", y).With("x2", near).With("y2", level).Close();
            }

            svg.Open("text").With("class", $"halo {PlotStyle.ClassOf(Color)}").With("x", left).With("y", top + PlotStyle.FontSize - 1).Text(point.Label ?? point.Name).Close();
        }
    }

    internal override void DrawSample(MarkupWriter svg, double x, double y)
    {
        svg.Open("line").With("class", "whisker").With("x1", x).With("y1", y + 5).With("x2", x + 18).With("y2", y + 5).Close();
        svg.Open("circle").With("class", "dot").With("cx", x + 9).With("cy", y + 5).With("r", 4).Close();
    }
}
