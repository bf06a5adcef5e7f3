using System.Text;

namespace DirKernels.Report;

/// <summary>Many points without names, see-through so that dense places are dark.</summary>
/// <param name="X">n horizontal numbers.</param>
/// <param name="Y">n vertical numbers.</param>
public sealed record CloudMark(IReadOnlyList<double> X, IReadOnlyList<double> Y) : Mark
{
    internal override string Kind => "cloud";

    internal override void Draw(PanelSurface surface)
    {
        MarkupWriter svg = OpenGroup(surface, null, ("x", DataText.Of(X)), ("y", DataText.Of(Y)));
        // Strokes of one path do not add up where they overlap: a few paths by turns do.
        const int Layers = 6;
        for (int layer = 0; layer < Math.Min(Layers, X.Count); layer++)
        {
            var path = new StringBuilder();
            for (int i = layer; i < X.Count; i += Layers)
            {
                path.Append('M').Append(surface.X(X[i]).ToString("0.#", System.Globalization.CultureInfo.InvariantCulture)).Append(' ')
                    .Append(surface.Y(Y[i]).ToString("0.#", System.Globalization.CultureInfo.InvariantCulture)).Append("h0");
            }

            svg.Open("path").With("class", "cloud").With("d", path.ToString()).Close();
        }

        svg.Close();
    }
}
