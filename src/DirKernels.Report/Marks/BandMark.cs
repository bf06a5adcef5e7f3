namespace DirKernels.Report;

/// <summary>The area between two lines, such as a mean minus and plus a deviation.</summary>
/// <param name="X">n positions.</param>
/// <param name="Lower">n lower ends.</param>
/// <param name="Upper">n upper ends.</param>
public sealed record BandMark(IReadOnlyList<double> X, IReadOnlyList<double> Lower, IReadOnlyList<double> Upper) : Mark
{
    internal override string Kind => "band";

    internal override void Draw(PanelSurface surface)
    {
        MarkupWriter svg = OpenGroup(surface, null, ("x", DataText.Of(X)), ("lower", DataText.Of(Lower)), ("upper", DataText.Of(Upper)));
        IEnumerable<string> there = X.Select((x, i) => $"{MarkupWriter.Coordinate(surface.X(x))},{MarkupWriter.Coordinate(surface.Y(Upper[i]))}");
        IEnumerable<string> back = X.Select((x, i) => $"{MarkupWriter.Coordinate(surface.X(x))},{MarkupWriter.Coordinate(surface.Y(Lower[i]))}").Reverse();
        svg.Open("polygon").With("class", "band").With("points", string.Join(' ', there.Concat(back))).Close().Close();
    }
}
