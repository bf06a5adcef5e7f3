namespace DirKernels.Report;

/// <summary>Sizes of a panel, known before anything is drawn: margins that hold the texts, rows of the legend, height.</summary>
internal sealed record PanelLayout
{
    public const double LineHeight = 17;

    /// <summary>Height of a colour scale with its numbers, below its label.</summary>
    public const double ScaleHeight = 30;

    private PanelLayout()
    {
    }

    public required Panel Panel { get; init; }

    /// <summary>Width of everything.</summary>
    public required double Width { get; init; }

    /// <summary>Pixels left of the coordinate system: tick texts.</summary>
    public required double Left { get; init; }

    /// <summary>Pixels right of it: half of the last tick text.</summary>
    public required double Right { get; init; }

    /// <summary>Pixels above it: title, legend, label of the vertical axis.</summary>
    public required double Top { get; init; }

    /// <summary>Pixels below it: tick texts and label.</summary>
    public required double Bottom { get; init; }

    /// <summary>Height of the coordinate system.</summary>
    public required double PlotHeight { get; init; }

    /// <summary>Rows of the legend.</summary>
    public required IReadOnlyList<IReadOnlyList<Mark>> Legend { get; init; }

    public required IReadOnlyList<(double Value, string Text)> XTicks { get; init; }

    public required IReadOnlyList<(double Value, string Text)> YTicks { get; init; }

    public double PlotWidth => Width - Left - Right;

    public double Height => Top + PlotHeight + Bottom;

    /// <param name="panel">The panel.</param>
    /// <param name="width">Width of everything.</param>
    /// <param name="isNarrow">Whether it is for a phone.</param>
    /// <param name="leastLeft">Pixels at the left that a panel above or below needs: axes of one column stand in line.</param>
    /// <param name="leastTop">Pixels above that a panel beside it needs: coordinate systems of one row start at one height.</param>
    public static PanelLayout Of(Panel panel, double width, bool isNarrow, double leastLeft = 0, double leastTop = 0)
    {
        bool square = panel.Marks.Any(mark => mark is HeatMapMark);
        IReadOnlyList<(double Value, string Text)> yTicks = TickSteps.Of(panel.Y, panel.Y.IsLogarithmic ? 6 : isNarrow ? 5 : 6);
        double left = yTicks.Select(tick => TextWidth.Of(tick.Text, PlotStyle.FontSize)).DefaultIfEmpty(0).Max() + 12;
        left = Math.Clamp(Math.Max(left, leastLeft), 34, width * 0.45);
        double right = panel.X.Categories is null ? 18 : 8, plotWidth = width - left - right;
        IReadOnlyList<(double Value, string Text)> xTicks = TickSteps.Of(panel.X, Math.Max(3, (int)(plotWidth / (panel.X.IsLogarithmic ? 60 : 68))));
        IReadOnlyList<IReadOnlyList<Mark>> legend = panel.HasLegend ? LegendRows(panel, width - left) : [];
        double top = (panel.Title is null ? 0 : LineHeight) + legend.Count * LineHeight + (panel.Scale is null ? 0 : LineHeight + ScaleHeight)
            + (panel.Y.Label.Length == 0 ? 0 : LineHeight) + 10;
        double height = panel.Y.Categories is { } names
            ? names.Count * 22 + 8
            : square ? plotWidth : plotWidth * (isNarrow ? Math.Clamp((panel.Aspect ?? 0.42) * 1.6, 0.36, 0.9) : panel.Aspect ?? 0.42);
        return new PanelLayout
        {
            Panel = panel,
            Width = width,
            Left = left,
            Right = right,
            Top = Math.Max(top, leastTop),
            Bottom = 24 + (panel.X.Label.Length == 0 ? 0 : LineHeight),
            PlotHeight = height,
            Legend = legend,
            XTicks = xTicks,
            YTicks = yTicks,
        };
    }

    /// <summary>Width of a legend entry with the space behind it.</summary>
    public static double EntryWidth(Mark mark) => 24 + TextWidth.Of(mark.Series, PlotStyle.FontSize) + 16;

    private static List<List<Mark>> LegendRows(Panel panel, double width)
    {
        var rows = new List<List<Mark>>();
        double used = double.PositiveInfinity;
        foreach (Mark mark in panel.Marks.Where(mark => mark.IsInLegend))
        {
            double needed = EntryWidth(mark);
            if (used + needed - 16 > width)
            {
                rows.Add([]);
                used = 0;
            }

            rows[^1].Add(mark);
            used += needed;
        }

        return rows;
    }
}
