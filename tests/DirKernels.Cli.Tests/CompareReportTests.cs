using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>The report of a comparison: well-formed, self-contained, and every mark's numbers those of the JSON.</summary>
public sealed class CompareReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly JsonElement _json;
    private readonly string _html;
    private readonly XElement _page;

    public CompareReportTests()
    {
        string table = _folder.Write("t.csv", SampleTable.Csv(900));
        CommandRun run = CommandRun.Of(
            "compare", table, "--target", "y", "--bins", SampleTable.Bins, "--hidden", "8", "--epochs", "4", "--batch", "64", "--seeds", "3",
            "--methods", "vanilla,sqinv,lds", "--json", "--report", _folder.PathOf("r.html"), "--plots", _folder.PathOf("plots"));
        _json = JsonDocument.Parse(run.AssertSucceeds().Output).RootElement;
        _html = File.ReadAllText(_folder.PathOf("r.html"));
        _page = ReportMarks.Parse(_html);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ThePageStandsAlone()
    {
        Assert.StartsWith("<!DOCTYPE html>\n", _html);
        Assert.DoesNotContain("<script", _html);
        Assert.DoesNotContain("http", _html.Replace("http://www.w3.org/", "", StringComparison.Ordinal));
        Assert.DoesNotContain("NaN", _html);
        Assert.DoesNotContain("Infinity", _html);
        Assert.Contains("prefers-color-scheme:dark", _html);
        Assert.Contains("@media print", _html);
        XElement[] drawings = [.. _page.Descendants().Where(element => element.Name.LocalName == "svg")];
        Assert.Equal(12, drawings.Length);
        foreach (XElement svg in drawings)
        {
            string[] named = svg.Attribute("aria-labelledby")!.Value.Split(' ');
            Assert.Equal(["title", "desc"], svg.Elements().Take(2).Select(element => element.Name.LocalName));
            Assert.Equal(named, svg.Elements().Take(2).Select(element => (string)element.Attribute("id")!));
            Assert.All(svg.Elements().Take(2), element => Assert.True(element.Value.Length > 8, element.Value));
        }

        string[] ids = [.. _page.Descendants().Select(element => (string?)element.Attribute("id")).OfType<string>()];
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void ProvenanceNamesCommandSeedsMachineAndDate()
    {
        Assert.Contains("dirkernels compare ", _page.Value);
        Assert.Contains("--seeds 3", _page.Value);
        Assert.Contains("0, 1, 2", _page.Value);
        Assert.Contains(".NET 10", _page.Value);
        Assert.Matches(@" processors, [^,;]+; \w", _page.Value);
        Assert.Contains(DateTime.UtcNow.Year.ToString(CultureInfo.InvariantCulture) + "-", _page.Value);
        Assert.Contains("fingerprint ", _page.Value);
    }

    [Fact]
    public void DensityIsThatOfTheJson()
    {
        JsonElement density = _json.GetProperty("labelDensity");
        ReportMarks marks = ReportMarks.Of(_page, "density");
        double?[] empirical = Numbers(density, "empirical");
        Assert.Equal(empirical.Select(NullIfZero), marks.Numbers("bars", "empirical", "y"));
        Assert.Equal(Numbers(density, "edges")[..^1], marks.Numbers("bars", "empirical", "lower"));
        Assert.Equal(Numbers(density, "effective").Select(NullIfZero), marks.Numbers("line", "effective", "y"));
        Assert.Equal(_json.GetProperty("train").GetInt32(), empirical.Sum());
    }

    [Fact]
    public void BinErrorsAndGainsAreThoseOfTheJson()
    {
        ReportMarks marks = ReportMarks.Of(_page, "bin-errors");
        string best = _json.GetProperty("best").GetString()!;
        double?[] baseline = Numbers(Method("vanilla"), "binMae"), errors = Numbers(Method(best), "binMae");
        Assert.Equal(baseline, marks.Numbers("line", "vanilla", "y"));
        Assert.Equal(errors, marks.Numbers("line", best, "y"));
        double?[] better = marks.Numbers("bars", $"{best} is better", "y"), worse = marks.Numbers("bars", "vanilla is better", "y");
        for (int b = 0; b < baseline.Length; b++)
        {
            double? gain = baseline[b] - errors[b];
            Assert.Equal(gain > 0 ? gain : null, better[b]);
            Assert.Equal(gain < 0 ? gain : null, worse[b]);
        }
    }

    [Fact]
    public void ShadedStretchesAreTheRegionsOfTheJson()
    {
        JsonElement density = _json.GetProperty("labelDensity");
        double?[] edges = Numbers(density, "edges");
        string[] regions = [.. density.GetProperty("region").EnumerateArray().Select(region => region.GetString()!)];
        ReportMarks marks = ReportMarks.Of(_page, "bin-errors");
        foreach (XElement shade in marks.Marks("shade"))
        {
            string region = shade.Attribute("data-series")!.Value switch { "many-shot" => "many", "medium-shot" => "medium", "few-shot" => "few", _ => "zeroShot" };
            double?[] lower = ReportMarks.Split(shade.Attribute("data-lower")!.Value), upper = ReportMarks.Split(shade.Attribute("data-upper")!.Value);
            for (int b = 0; b < regions.Length; b++)
            {
                bool isShaded = lower.Zip(upper).Any(stretch => stretch.First <= edges[b] && stretch.Second >= edges[b + 1]);
                Assert.Equal(regions[b] == region, isShaded);
            }
        }
    }

    [Fact]
    public void DifferencesAreThoseOfTheJson()
    {
        ReportMarks marks = ReportMarks.Of(_page, "differences");
        foreach ((string panel, string key) in new[] { ("few-shot MAE", "few"), ("many-shot MAE", "many"), ("overall MAE", "overall"), ("bMAE", "bmae") })
        {
            int seen = 0;
            foreach (XElement mark in marks.Marks("intervals", panel))
            {
                string[] names = mark.Attribute("data-names")!.Value.Split(' ');
                for (int i = 0; i < names.Length; i++, seen++)
                {
                    JsonElement standing = Method(names[i]).GetProperty("standing").GetProperty(key);
                    double? At(string attribute) => ReportMarks.Split(mark.Attribute("data-" + attribute)!.Value)[i];
                    Assert.Equal(standing.GetProperty("mean").GetDouble(), At("x"));
                    Assert.Equal(standing.GetProperty("jointLower").GetDouble(), At("x-lower"));
                    Assert.Equal(standing.GetProperty("jointUpper").GetDouble(), At("x-upper"));
                    string decision = mark.Attribute("data-series")!.Value switch { "lower" => "win", "higher" => "loss", _ => "tie" };
                    Assert.Equal(standing.GetProperty("decision").GetString(), decision);
                }
            }

            Assert.Equal(2, seen);
        }
    }

    [Fact]
    public void ManyAndFewErrorsAreThoseOfTheJson()
    {
        ReportMarks marks = ReportMarks.Of(_page, "many-few");
        foreach (XElement mark in marks.Marks("intervals"))
        {
            string[] names = mark.Attribute("data-names")!.Value.Split(' ');
            for (int i = 0; i < names.Length; i++)
            {
                JsonElement interval = Method(names[i]).GetProperty("interval");
                foreach ((string region, string axis) in new[] { ("many", "x"), ("few", "y") })
                {
                    double? At(string attribute) => ReportMarks.Split(mark.Attribute("data-" + attribute)!.Value)[i];
                    Assert.Equal(interval.GetProperty(region).GetProperty("mean").GetDouble(), At(axis));
                    Assert.Equal(interval.GetProperty(region).GetProperty("lower").GetDouble(), At(axis + "-lower"));
                    Assert.Equal(interval.GetProperty(region).GetProperty("upper").GetDouble(), At(axis + "-upper"));
                    double mean = Method(names[i]).GetProperty(region).GetProperty("mae").EnumerateArray().Average(value => value.GetDouble());
                    Assert.Equal(mean, At(axis)!.Value, 9);
                }
            }
        }
    }

    [Fact]
    public void PredictionsAndCurvesAreThoseOfTheJson()
    {
        string best = _json.GetProperty("best").GetString()!;
        JsonElement predictions = _json.GetProperty("predictions");
        ReportMarks clouds = ReportMarks.Of(_page, "predictions"), curves = ReportMarks.Of(_page, "learning");
        foreach (string name in new[] { "vanilla", best })
        {
            Assert.Equal(Numbers(predictions, "label"), clouds.Numbers("cloud", name, "x"));
            Assert.Equal(Numbers(predictions, name), clouds.Numbers("cloud", name, "y"));
            JsonElement curve = Method(name).GetProperty("validationCurve");
            Assert.Equal(Numbers(curve, "mean"), curves.Numbers("line", name, "y"));
            Assert.Equal(Numbers(curve, "lower"), curves.Numbers("band", name, "lower"));
            Assert.Equal(Numbers(curve, "upper"), curves.Numbers("band", name, "upper"));
            Assert.Equal(4, Numbers(curve, "mean").Length);
        }
    }

    [Fact]
    public void PlotsAreTheFiguresOfThePageAsFilesOfTheirOwn()
    {
        string[] files = [.. Directory.GetFiles(_folder.PathOf("plots")).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];
        Assert.Equal(["bin-errors.svg", "density.svg", "differences.svg", "learning.svg", "many-few.svg", "predictions.svg"], files);
        foreach (string file in files)
        {
            XElement svg = ReportMarks.Parse(File.ReadAllText(Path.Combine(_folder.PathOf("plots"), file)));
            string figure = Path.GetFileNameWithoutExtension(file);
            string[] Data(XElement root) => [.. ReportMarks.Of(root, figure).Marks("line").Concat(ReportMarks.Of(root, figure).Marks("intervals"))
                .SelectMany(mark => mark.Attributes().Where(attribute => attribute.Name.LocalName.StartsWith("data-", StringComparison.Ordinal)).Select(attribute => attribute.Value))];
            Assert.Equal(Data(_page), Data(svg));
            Assert.Contains(svg.Elements(), element => element.Name.LocalName == "style");
        }
    }

    [Fact]
    public void DrawingsStayWithinTheirFrame()
    {
        foreach (XElement svg in _page.Descendants().Where(element => element.Name.LocalName == "svg"))
        {
            double[] box = [.. svg.Attribute("viewBox")!.Value.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
            foreach (XElement element in svg.Descendants())
            {
                foreach ((string[] names, double limit) in new[] { (new[] { "x", "x1", "x2", "cx" }, box[2]), (["y", "y1", "y2", "cy"], box[3]) })
                {
                    foreach (string name in names)
                    {
                        if ((string?)element.Attribute(name) is { } value)
                        {
                            Assert.InRange(double.Parse(value, CultureInfo.InvariantCulture), 0, limit);
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void FoldersThatAreAbsentAreToldBeforeTheWork()
    {
        CommandRun.Of("compare", "--sample", "--report", _folder.PathOf("no/r.html")).AssertFails(3, "its folder does not exist");
        CommandRun.Of("compare", "--sample", "--plots", _folder.PathOf("no/plots")).AssertFails(3, "the folder above it does not exist");
        CommandRun.Of("compare", "--sample", "--report", "").AssertFails(2, "--report");
    }

    private static double? NullIfZero(double? value) => value == 0 ? null : value;

    private static double?[] Numbers(JsonElement parent, string name) =>
        [.. parent.GetProperty(name).EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? (double?)null : value.GetDouble())];

    private JsonElement Method(string name) => _json.GetProperty("methods").EnumerateArray().Single(method => method.GetProperty("name").GetString() == name);
}
