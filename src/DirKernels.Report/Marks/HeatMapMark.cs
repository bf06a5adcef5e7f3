using System.Globalization;
using System.Text;

namespace DirKernels.Report;

/// <summary>A matrix over bins, each cell a colour; rows and columns without numbers stay empty.</summary>
/// <param name="Edges">B + 1 edges of rows and columns.</param>
/// <param name="Values">[B x B] numbers, row-major; NaN leaves the cell empty.</param>
/// <param name="Scale">Colours.</param>
public sealed record HeatMapMark(IReadOnlyList<double> Edges, double[] Values, ColorScale Scale) : Mark
{
    /// <summary>Decimals of the numbers that the drawing carries: a matrix of all digits would be larger than everything else.</summary>
    public const int Decimals = 4;

    internal override string Kind => "heat-map";

    internal override void Draw(PanelSurface surface)
    {
        int bins = Edges.Count - 1;
        MarkupWriter svg = OpenGroup(surface, null, ("edges", DataText.Of(Edges)));
        svg.Open("rect").With("class", "hole").With("x", surface.Left).With("y", surface.Top)
            .With("width", surface.Right - surface.Left).With("height", surface.Bottom - surface.Top).Close();
        var paths = new StringBuilder?[ColorScale.Steps];
        for (int row = 0; row < bins; row++)
        {
            double y0 = surface.Y(Edges[row]), y1 = surface.Y(Edges[row + 1]);
            for (int first = 0; first < bins;)
            {
                double value = Values[row * bins + first];
                int step = double.IsNaN(value) ? -1 : Scale.StepOf(value), end = first + 1;
                while (end < bins && StepAt(row, end, bins) == step)
                {
                    end++;
                }

                if (step >= 0)
                {
                    // A hair wider than the cell, so that no paper shows between cells.
                    (paths[step] ??= new StringBuilder()).Append(CultureInfo.InvariantCulture, $"M{surface.X(Edges[first]):0.##} {Math.Min(y0, y1):0.##}H{surface.X(Edges[end]) + 0.2:0.##}V{Math.Max(y0, y1) + 0.2:0.##}H{surface.X(Edges[first]):0.##}z");
                }

                first = end;
            }
        }

        for (int step = 0; step < paths.Length; step++)
        {
            if (paths[step] is { } path)
            {
                svg.Open("path").With("fill", ColorScale.ColorOf(step)).With("d", path.ToString()).Close();
            }
        }

        if (surface.CarriesData)
        {
            WriteRows(svg, bins);
        }

        svg.Close();
    }

    private void WriteRows(MarkupWriter svg, int bins)
    {
        for (int row = 0; row < bins; row++)
        {
            IEnumerable<string> cells = Values.Skip(row * bins).Take(bins)
                .Select(value => double.IsNaN(value) ? "-" : Math.Round(value, Decimals).ToString("0.####", CultureInfo.InvariantCulture));
            svg.Open("g").With("data-row", row.ToString(CultureInfo.InvariantCulture)).With("data-values", string.Join(' ', cells)).Close();
        }
    }

    private int StepAt(int row, int column, int bins) => Values[row * bins + column] is var value && double.IsNaN(value) ? -1 : Scale.StepOf(value);
}
