namespace DirKernels.Report;

/// <summary>Draws a panel: title, legend, grid, marks, axes, names.</summary>
internal static class PanelDrawing
{
    private const double FontSize = PlotStyle.FontSize;

    public static void Draw(MarkupWriter svg, PanelLayout layout, double x, double y, bool carriesData)
    {
        Panel panel = layout.Panel;
        var surface = new PanelSurface(svg, panel, x + layout.Left, y + layout.Top, layout.PlotWidth, layout.PlotHeight, carriesData);
        svg.Open("g");
        if (carriesData && panel.Title is { } title)
        {
            svg.With("data-panel", title);
        }

        DrawHead(svg, layout, x + layout.Left, x + layout.Width, y);
        foreach (Mark shade in panel.Marks.Where(mark => mark is ShadeMark))
        {
            shade.Draw(surface);
        }

        DrawGrid(svg, layout, surface);
        foreach (Mark mark in panel.Marks.Where(mark => mark is not ShadeMark))
        {
            mark.Draw(surface);
        }

        foreach (IntervalMark named in panel.Marks.OfType<IntervalMark>())
        {
            named.DrawNames(surface);
        }

        svg.Open("line").With("class", "axis").With("x1", surface.Left).With("y1", surface.Bottom).With("x2", surface.Right).With("y2", surface.Bottom).Close();
        svg.Close().NewLine();
    }

    private static void DrawHead(MarkupWriter svg, PanelLayout layout, double left, double right, double top)
    {
        Panel panel = layout.Panel;
        double y = top + FontSize;
        if (panel.Title is { } title)
        {
            svg.Open("text").With("class", "name").With("x", left).With("y", y).Text(title).Close();
            y += PanelLayout.LineHeight;
        }

        foreach (IReadOnlyList<Mark> row in layout.Legend)
        {
            double x = left;
            foreach (Mark mark in row)
            {
                svg.Open("g").With("class", PlotStyle.ClassOf(mark.Color));
                mark.DrawSample(svg, x, y - 9);
                svg.Open("text").With("x", x + 24).With("y", y).Text(mark.Series).Close().Close();
                x += PanelLayout.EntryWidth(mark);
            }

            y += PanelLayout.LineHeight;
        }

        if (panel.Scale is { } scale)
        {
            DrawScale(svg, scale, left, right, y);
            y += PanelLayout.LineHeight + PanelLayout.ScaleHeight;
        }

        if (panel.Y.Label.Length > 0)
        {
            // Just above the coordinate system, which a panel beside it may have moved down.
            svg.Open("text").With("class", "muted").With("x", left).With("y", top + layout.Top - 15).Text(panel.Y.Label).Close();
        }
    }

    private static void DrawScale(MarkupWriter svg, ColorScale scale, double left, double right, double y)
    {
        double width = Math.Min(190, right - left - 40), step = width / ColorScale.Steps;
        svg.Open("text").With("class", "muted").With("x", left).With("y", y).Text(scale.Label).Close();
        for (int i = 0; i < ColorScale.Steps; i++)
        {
            svg.Open("rect").With("x", left + i * step).With("y", y + 6).With("width", step + 0.3).With("height", 8).With("fill", ColorScale.ColorOf(i)).Close();
        }

        foreach ((double value, string text) in TickSteps.Of(Axis.Exact(scale.Label, scale.Lower, scale.Upper), 4))
        {
            double at = left + (value - scale.Lower) / (scale.Upper - scale.Lower) * width;
            svg.Open("text").With("class", "muted middle").With("x", Math.Max(at, left + 8)).With("y", y + 26).Text(text).Close();
        }
    }

    private static void DrawGrid(MarkupWriter svg, PanelLayout layout, PanelSurface surface)
    {
        Panel panel = layout.Panel;
        foreach ((double value, string text) in layout.YTicks)
        {
            double y = surface.Y(value);
            svg.Open("line").With("class", "grid").With("x1", surface.Left).With("y1", y).With("x2", surface.Right).With("y2", y).Close();
            string cssClass = panel.Y.Categories is null ? "muted end" : "end";
            svg.Open("text").With("class", cssClass).With("x", surface.Left - 7).With("y", y + 4).Text(text).Close();
        }

        bool hasVerticals = panel.Y.Categories is not null || panel.Marks.Any(mark => mark is IntervalMark or CloudMark);
        foreach ((double value, string text) in layout.XTicks)
        {
            double x = surface.X(value);
            if (hasVerticals)
            {
                svg.Open("line").With("class", "grid").With("x1", x).With("y1", surface.Top).With("x2", x).With("y2", surface.Bottom).Close();
            }

            svg.Open("line").With("class", "axis").With("x1", x).With("y1", surface.Bottom).With("x2", x).With("y2", surface.Bottom + 4).Close();
            svg.Open("text").With("class", "muted middle").With("x", x).With("y", surface.Bottom + 17).Text(text).Close();
        }

        if (panel.X.Label.Length > 0)
        {
            svg.Open("text").With("class", "muted middle").With("x", (surface.Left + surface.Right) / 2).With("y", surface.Bottom + 35).Text(panel.X.Label).Close();
        }
    }
}
