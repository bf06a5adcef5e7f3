namespace DirKernels.Report;

/// <summary>Draws a figure as SVG in one of two shapes: wide for screens and paper, narrow for phones, each with text at its natural size.</summary>
internal static class FigureDrawing
{
    public const double WideWidth = 880;
    public const double NarrowWidth = 358;

    private const double PanelGap = 26;

    /// <summary>A document of its own, with style and a white ground.</summary>
    public static string Document(Figure figure)
    {
        var svg = new MarkupWriter();
        svg.Raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        Draw(svg, figure, WideWidth, "plot", figure.Columns, carriesData: true, withStyle: true);
        return svg.NewLine().ToString();
    }

    /// <summary>Both drawings for a page, of which its style shows one.</summary>
    public static void Both(MarkupWriter page, Figure figure)
    {
        Draw(page, figure, WideWidth, "plot wide", figure.Columns, carriesData: true, withStyle: false);
        page.NewLine();
        Draw(page, figure, NarrowWidth, "plot narrow", 1, carriesData: false, withStyle: false);
        page.NewLine();
    }

    private static void Draw(MarkupWriter svg, Figure figure, double width, string cssClass, int columns, bool carriesData, bool withStyle)
    {
        double cell = (width - PanelGap * (columns - 1)) / columns;
        PanelLayout[] alone = [.. figure.Panels.Select(panel => PanelLayout.Of(panel, cell, width <= NarrowWidth))];
        PanelLayout[] layouts = [.. figure.Panels.Select((panel, i) => PanelLayout.Of(
            panel,
            cell,
            width <= NarrowWidth,
            alone.Where((_, other) => other % columns == i % columns).Max(layout => layout.Left),
            alone.Where((_, other) => other / columns == i / columns).Max(layout => layout.Top)))];
        double[] rowHeights = [.. layouts.Chunk(columns).Select(row => row.Max(layout => layout.Height))];
        double height = rowHeights.Sum() + PanelGap / 2 * (rowHeights.Length - 1);
        string key = figure.Id + (carriesData ? "" : "-narrow");
        svg.Open("svg").With("xmlns", "http://www.w3.org/2000/svg").With("class", cssClass).With("role", "img").With("data-figure", figure.Id)
            .With("aria-labelledby", $"{key}-title {key}-desc").With("viewBox", FormattableString.Invariant($"0 0 {width} {Math.Ceiling(height)}"));
        if (withStyle)
        {
            svg.With("width", width).With("height", Math.Ceiling(height));
        }

        svg.Open("title").With("id", key + "-title").Text(figure.Title).Close();
        svg.Open("desc").With("id", key + "-desc").Text(figure.Description).Close();
        if (withStyle)
        {
            svg.Open("style").Raw(PlotStyle.Shape + PlotStyle.Colors(dark: false)).Close();
            svg.Open("rect").With("width", width).With("height", Math.Ceiling(height)).With("fill", "#ffffff").Close();
        }

        double top = 0;
        for (int i = 0; i < layouts.Length; i++)
        {
            PanelDrawing.Draw(svg, layouts[i], i % columns * (cell + PanelGap), top, carriesData);
            if (i % columns == columns - 1)
            {
                top += rowHeights[i / columns] + PanelGap / 2;
            }
        }

        svg.Close();
    }
}
