namespace DirKernels.Report;

/// <summary>Where a panel is drawn: the pixels of its coordinate system and the way from numbers to pixels.</summary>
internal sealed class PanelSurface(MarkupWriter svg, Panel panel, double left, double top, double width, double height, bool carriesData)
{
    private readonly List<(double Left, double Top, double Right, double Bottom)> _taken = [];

    public MarkupWriter Svg => svg;

    public double Left => left;

    public double Top => top;

    public double Right => left + width;

    public double Bottom => top + height;

    /// <summary>Whether groups carry their numbers.</summary>
    public bool CarriesData => carriesData;

    /// <summary>Whether bars start at the lower end of the axis, which has no zero.</summary>
    public bool HasNoZero => panel.Y.IsLogarithmic;

    /// <summary>Lower end of the vertical axis.</summary>
    public double LowestY => panel.Y.Lower;

    /// <summary>Horizontal pixel of a number, held within the panel.</summary>
    public double X(double value) => left + Share(panel.X, value) * width;

    /// <summary>Vertical pixel of a number, held within the panel.</summary>
    public double Y(double value) => panel.IsTopDown ? top + Share(panel.Y, value) * height : top + (1 - Share(panel.Y, value)) * height;

    /// <summary>Whether a point can be shown where it is.</summary>
    public bool Holds(double x, double y) => Share(panel.X, x, clamp: false) is >= 0 and <= 1 && Share(panel.Y, y, clamp: false) is >= 0 and <= 1;

    /// <summary>Keeps labels away from a place.</summary>
    public void Take(double x0, double y0, double x1, double y1) => _taken.Add((x0, y0, x1, y1));

    /// <summary>Finds a free place for a label near a point, the nearest of those tried; null when all are taken.</summary>
    public (double X, double Y, double Distance)? Place(double x, double y, double textWidth, double textHeight)
    {
        for (double distance = 7; distance <= 64; distance += 7)
        {
            for (int step = 0; step < 16; step++)
            {
                // To the right first, then round by turns on both sides.
                double angle = Math.PI / 8 * (step % 2 == 0 ? step / 2 : -(step + 1) / 2);
                double cosine = Math.Cos(angle), sine = Math.Sin(angle);
                double x0 = x + distance * cosine + (cosine > 0.3 ? 0 : cosine < -0.3 ? -textWidth : -textWidth / 2);
                double y0 = y - distance * sine - textHeight / 2;
                if (IsFree(x0, y0, x0 + textWidth, y0 + textHeight))
                {
                    _taken.Add((x0, y0, x0 + textWidth, y0 + textHeight));
                    return (x0, y0, distance);
                }
            }
        }

        return null;
    }

    private bool IsFree(double x0, double y0, double x1, double y1) =>
        x0 >= left + 2 && x1 <= Right - 2 && y0 >= top + 1 && y1 <= Bottom - 1
        && !_taken.Exists(box => x0 < box.Right && x1 > box.Left && y0 < box.Bottom && y1 > box.Top);

    private static double Share(Axis axis, double value, bool clamp = true)
    {
        double share = axis.IsLogarithmic
            ? value > 0 ? Math.Log(value / axis.Lower) / Math.Log(axis.Upper / axis.Lower) : 0
            : (value - axis.Lower) / (axis.Upper - axis.Lower);
        return clamp ? Math.Clamp(share, 0, 1) : share;
    }
}
