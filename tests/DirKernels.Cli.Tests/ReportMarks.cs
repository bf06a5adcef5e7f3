using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace DirKernels.Cli.Tests;

/// <summary>What the marks of a figure say in their <c>data-*</c> attributes.</summary>
internal sealed class ReportMarks
{
    private readonly XElement _figure;

    private ReportMarks(XElement figure) => _figure = figure;

    /// <summary>Reads a page or an SVG file, which are both well-formed XML.</summary>
    public static XElement Parse(string text)
    {
        using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XElement.Load(reader);
    }

    /// <summary>The drawing of a figure that carries its numbers.</summary>
    public static ReportMarks Of(XElement root, string figure) => new(root.DescendantsAndSelf()
        .First(element => element.Name.LocalName == "svg" && (string?)element.Attribute("data-figure") == figure && element.Descendants().Any(mark => mark.Attribute("data-mark") is not null)));

    /// <summary>The numbers of an attribute of the mark of a kind and a series.</summary>
    public double?[] Numbers(string kind, string series, string attribute, string? panel = null) => Split(Mark(kind, series, panel).Attribute("data-" + attribute)!.Value);

    /// <summary>All marks of a kind in a panel.</summary>
    public XElement[] Marks(string kind, string? panel = null) => [.. _figure.Descendants()
        .Where(element => (string?)element.Attribute("data-mark") == kind
            && (panel is null || element.Ancestors().Any(ancestor => (string?)ancestor.Attribute("data-panel") == panel)))];

    public XElement Mark(string kind, string series, string? panel = null) =>
        Marks(kind, panel).Single(mark => (string?)mark.Attribute("data-series") == series);

    public static double?[] Split(string numbers) =>
        [.. numbers.Split(' ').Select(number => number == "-" ? (double?)null : double.Parse(number, CultureInfo.InvariantCulture))];
}
