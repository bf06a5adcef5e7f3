using System.Text;

namespace DirKernels.Report;

/// <summary>Style rules of figures, with the colours written out: programs that draw SVG files do not know variables.</summary>
internal static class PlotStyle
{
    /// <summary>Size of all text in figures, in pixels.</summary>
    public const double FontSize = 12;

    /// <summary>Typefaces of figures and pages.</summary>
    public const string Fonts = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif";

    private static readonly (PlotColor Color, string Light, string Dark)[] _colors =
    [
        (PlotColor.Neutral, "#5c6370", "#b3b9c4"),
        (PlotColor.Blue, "#0067a5", "#5ab4ee"),
        (PlotColor.Vermilion, "#c8500a", "#f2935a"),
        (PlotColor.Green, "#00795a", "#35c39a"),
        (PlotColor.Purple, "#a13f82", "#e298c8"),
        (PlotColor.Ochre, "#8a6400", "#e3bc52"),
        (PlotColor.Faint, "#b4bac4", "#59616e"),
    ];

    /// <summary>The class of a colour.</summary>
    public static string ClassOf(PlotColor color) => "c-" + color.ToString().ToLowerInvariant();

    /// <summary>Rules that do not depend on the theme.</summary>
    public static string Shape { get; } =
        $$"""
        .plot text{font:{{FontSize}}px {{Fonts}};font-variant-numeric:tabular-nums}
        .plot .name{font-weight:600}
        .plot .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
        .plot .dashed{stroke-dasharray:5 4}
        .plot .whisker{stroke-width:1.4;fill:none}
        .plot .leader{stroke-width:.7}
        .plot .cloud{fill:none;stroke-width:3.2;stroke-linecap:round;stroke-opacity:.38}
        .plot .band{stroke:none;fill-opacity:.18}
        .plot .bar{stroke:none}
        .plot .pale .bar{fill-opacity:.45}
        .plot .end{text-anchor:end}.plot .middle{text-anchor:middle}

        """.ReplaceLineEndings("\n");

    /// <summary>The colours of a theme.</summary>
    public static string Colors(bool dark)
    {
        string ink = dark ? "#e6e9ee" : "#1c2128", muted = dark ? "#a5adba" : "#565e6b", grid = dark ? "#2c333d" : "#e6e8ec", paper = dark ? "#14181e" : "#ffffff";
        string shade = dark ? "#ffffff" : "#1c2128";
        var text = new StringBuilder();
        text.Append($".plot text{{fill:{ink}}}.plot .muted{{fill:{muted}}}.plot .grid{{stroke:{grid};stroke-width:1}}.plot .axis{{stroke:{muted};stroke-width:1}}");
        text.Append($".plot .rule{{stroke:{muted};stroke-width:1.2;fill:none}}.plot .leader{{stroke:{muted}}}.plot .halo{{stroke:{paper};stroke-width:3;paint-order:stroke;stroke-linejoin:round}}");
        text.Append($".plot .shade{{fill:{shade}}}.plot .shade-0{{fill-opacity:0}}.plot .shade-1{{fill-opacity:.06}}.plot .shade-2{{fill-opacity:.14}}.plot .shade-3{{fill-opacity:.27}}.plot .swatch{{stroke:{muted};stroke-width:.7}}");
        text.Append($".plot .hole{{fill:{grid}}}.plot .dot{{stroke:{paper};stroke-width:1}}\n");
        foreach ((PlotColor color, string light, string darkColor) in _colors)
        {
            string name = ClassOf(color), value = dark ? darkColor : light;
            text.Append($".plot .{name} .line,.plot .{name} .cloud,.plot .{name} .whisker{{stroke:{value}}}.plot .{name} .bar,.plot .{name} .band,.plot .{name} .dot{{fill:{value}}}.plot text.{name}{{fill:{value}}}\n");
        }

        return text.ToString();
    }
}
