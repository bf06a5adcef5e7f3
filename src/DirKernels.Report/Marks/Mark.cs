namespace DirKernels.Report;

/// <summary>Something drawn in a panel from numbers. The numbers themselves stand in <c>data-*</c> attributes of its group.</summary>
public abstract record Mark
{
    /// <summary>What the numbers belong to, such as a method; also the text in the legend.</summary>
    public required string Series { get; init; }

    /// <summary>Colour.</summary>
    public PlotColor Color { get; init; } = PlotColor.Blue;

    /// <summary>Whether the legend tells it.</summary>
    public bool IsInLegend { get; init; } = true;

    /// <summary>Kind of the mark, as it stands in <c>data-mark</c>.</summary>
    internal abstract string Kind { get; }

    internal abstract void Draw(PanelSurface surface);

    /// <summary>The picture in the legend, in a box of 18 by 10.</summary>
    internal virtual void DrawSample(MarkupWriter svg, double x, double y) =>
        svg.Open("rect").With("class", "bar").With("x", x + 3).With("y", y).With("width", 12).With("height", 10).With("rx", 2).Close();

    /// <summary>Opens the group of the mark with its numbers, which one of the drawings of a figure carries.</summary>
    internal MarkupWriter OpenGroup(PanelSurface surface, string? extraClass, params ReadOnlySpan<(string Name, string Numbers)> data)
    {
        MarkupWriter svg = surface.Svg.Open("g").With("class", extraClass is null ? PlotStyle.ClassOf(Color) : $"{PlotStyle.ClassOf(Color)} {extraClass}");
        if (surface.CarriesData)
        {
            svg.With("data-mark", Kind).With("data-series", Series);
            foreach ((string name, string numbers) in data)
            {
                svg.With("data-" + name, numbers);
            }
        }

        return svg;
    }
}
