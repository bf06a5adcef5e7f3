namespace DirKernels.Report;

/// <summary>A straight line to compare with: at a number of one axis, or where both axes are equal.</summary>
public sealed record RuleMark : Mark
{
    /// <summary>Position of a vertical line; null for none.</summary>
    public double? X { get; init; }

    /// <summary>Position of a horizontal line; null for none. Without either, the line is the diagonal.</summary>
    public double? Y { get; init; }

    internal override string Kind => "rule";

    internal override void Draw(PanelSurface surface)
    {
        MarkupWriter svg = OpenGroup(surface, null, ("x", DataText.Of(X)), ("y", DataText.Of(Y)));
        (double x1, double y1, double x2, double y2) = (X, Y) switch
        {
            ({ } x, _) => (surface.X(x), surface.Top, surface.X(x), surface.Bottom),
            (_, { } y) => (surface.Left, surface.Y(y), surface.Right, surface.Y(y)),
            _ => (surface.Left, surface.Bottom, surface.Right, surface.Top),
        };
        svg.Open("line").With("class", X is null && Y is null ? "rule dashed" : "rule").With("x1", x1).With("y1", y1).With("x2", x2).With("y2", y2).Close().Close();
    }

    internal override void DrawSample(MarkupWriter svg, double x, double y) =>
        svg.Open("line").With("class", X is null && Y is null ? "rule dashed" : "rule").With("x1", x).With("y1", y + 5).With("x2", x + 18).With("y2", y + 5).Close();
}
