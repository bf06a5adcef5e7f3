namespace DirKernels.Report;

/// <summary>A line through points, broken where there is no number.</summary>
/// <param name="X">n positions.</param>
/// <param name="Y">n numbers; null breaks the line.</param>
public sealed record LineMark(IReadOnlyList<double> X, IReadOnlyList<double?> Y) : Mark
{
    /// <summary>Whether the line is dashed.</summary>
    public bool IsDashed { get; init; }

    /// <summary>Whether every point has a dot.</summary>
    public bool HasDots { get; init; }

    internal override string Kind => "line";

    internal override void Draw(PanelSurface surface)
    {
        MarkupWriter svg = OpenGroup(surface, null, ("x", DataText.Of(X)), ("y", DataText.Of(Y)));
        var path = new System.Text.StringBuilder();
        var alone = new List<int>();
        for (int i = 0; i < X.Count; i++)
        {
            if (Y[i] is not { } y)
            {
                continue;
            }

            bool follows = i > 0 && Y[i - 1] is not null;
            path.Append(follows ? 'L' : 'M').Append(MarkupWriter.Coordinate(surface.X(X[i]))).Append(' ').Append(MarkupWriter.Coordinate(surface.Y(y)));
            if (HasDots || (!follows && (i + 1 == X.Count || Y[i + 1] is null)))
            {
                alone.Add(i);
            }
        }

        svg.Open("path").With("class", IsDashed ? "line dashed" : "line").With("d", path.Length == 0 ? "M0 0" : path.ToString()).Close();
        foreach (int i in alone)
        {
            svg.Open("circle").With("class", "dot").With("cx", surface.X(X[i])).With("cy", surface.Y(Y[i]!.Value)).With("r", 2.8).Close();
        }

        svg.Close();
    }

    internal override void DrawSample(MarkupWriter svg, double x, double y) =>
        svg.Open("line").With("class", IsDashed ? "line dashed" : "line").With("x1", x).With("y1", y + 5).With("x2", x + 18).With("y2", y + 5).Close();
}
