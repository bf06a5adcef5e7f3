using System.Xml.Linq;
using DirKernels.Report;
using Xunit;

namespace DirKernels.Tests.Report;

public sealed class FigureTests
{
    [Fact]
    public void TextsAreEscaped()
    {
        var figure = new Figure("x", "a < b & \"c\"", "d > e", "f", [new Panel(Axis.Exact("<x>", 0, 1), Axis.Exact("y&z", 0, 1), [new LineMark([0, 1], [0.25, null]) { Series = "l<m" }])]);
        XElement svg = XElement.Parse(figure.ToSvg());
        Assert.Equal("a < b & \"c\"", svg.Elements().First().Value);
        Assert.Contains(svg.Descendants(), element => element.Value == "l<m");
        Assert.Contains(svg.Descendants(), element => (string?)element.Attribute("data-y") == "0.25 -");
        Assert.Contains("a &lt; b", new ReportPage("a < b", "\u0001", [new ReportSection("s", [figure])]).ToHtml());
    }

    [Fact]
    public void BarsReachFromZeroToTheirNumbers()
    {
        var panel = new Panel(Axis.Exact("", 0, 4), Axis.Exact("", -10, 10), [new BarMark([0, 1, 2, 3], [1, 2, 3, 4], [10, -10, null, 0]) { Series = "b" }]);
        XElement svg = XElement.Parse(new Figure("b", "t", "d", "c", [panel]).ToSvg());
        XElement[] bars = [.. svg.Descendants().Where(element => (string?)element.Attribute("data-mark") == "bars").Elements()];
        Assert.Equal(2, bars.Length);
        double Of(XElement bar, string name) => double.Parse(bar.Attribute(name)!.Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(Of(bars[0], "y") + Of(bars[0], "height"), Of(bars[1], "y"), 1);
        Assert.Equal(Of(bars[0], "height"), Of(bars[1], "height"), 1);
        Assert.True(Of(bars[0], "x") < Of(bars[1], "x"));
    }

    [Fact]
    public void HeatMapsCarryRowsAndLeaveUnknownCellsOpen()
    {
        var scale = new ColorScale("s", 0, 1);
        var map = new HeatMapMark([0, 1, 2], [1, 0.12344, 0.12344, double.NaN], scale) { Series = "m" };
        XElement svg = XElement.Parse(new Figure("h", "t", "d", "c", [new Panel(Axis.Exact("", 0, 2), Axis.Exact("", 0, 2), [map])]).ToSvg());
        string[] rows = [.. svg.Descendants().Select(element => (string?)element.Attribute("data-values")).OfType<string>()];
        Assert.Equal(["1 0.1234", "0.1234 -"], rows);
        Assert.Equal(2, svg.Descendants().Count(element => element.Name.LocalName == "path" && element.Attribute("fill") is not null));
    }

    [Fact]
    public void ColoursRiseInLightnessSoThatTheyCanBeToldInGrey()
    {
        double last = -1;
        for (int step = 0; step < ColorScale.Steps; step++)
        {
            string hex = ColorScale.ColorOf(step);
            double Channel(int at)
            {
                double share = Convert.ToInt32(hex.Substring(at, 2), 16) / 255.0;
                return share <= 0.04045 ? share / 12.92 : Math.Pow((share + 0.055) / 1.055, 2.4);
            }

            double luminance = 0.2126 * Channel(1) + 0.7152 * Channel(3) + 0.0722 * Channel(5);
            Assert.True(luminance > last, $"step {step}: {luminance} after {last}");
            last = luminance;
        }
    }

    [Fact]
    public void NamesOfPointsDoNotOverlap()
    {
        var random = new Random(3);
        IntervalPoint[] points = [.. Enumerable.Range(0, 12).Select(i => new IntervalPoint($"method{i}", 10 + random.NextDouble(), 20 + random.NextDouble()))];
        var panel = new Panel(Axis.Exact("", 9, 12), Axis.Exact("", 19, 22), [new IntervalMark(points) { Series = "p", HasNames = true }]);
        XElement svg = XElement.Parse(new Figure("n", "t", "d", "c", [panel]).ToSvg());
        (double X, double Y, double Width)[] names = [.. svg.Descendants().Where(element => element.Value.StartsWith("method", StringComparison.Ordinal) && element.Name.LocalName == "text")
            .Select(text => ((double)text.Attribute("x")!, (double)text.Attribute("y")!, TextWidth.Of(text.Value, 12)))];
        Assert.Equal(12, names.Length);
        for (int i = 0; i < names.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                bool apart = Math.Abs(names[i].Y - names[j].Y) >= 13 || names[i].X + names[i].Width <= names[j].X + 0.1 || names[j].X + names[j].Width <= names[i].X + 0.1;
                Assert.True(apart, $"{i} over {j}");
            }
        }
    }
}
