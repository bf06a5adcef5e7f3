using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>How well uncertainties fit: the same numbers in JSON, text, figure, and from the predictions themselves.</summary>
public sealed class UncertaintyReportTests : IDisposable
{
    private static readonly string[] _training = ["--target", "y", "--bins", SampleTable.Bins, "--hidden", "8", "--epochs", "6", "--batch", "64"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _table;

    public UncertaintyReportTests() => _table = _folder.Write("t.csv", SampleTable.Csv(900));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheFigureIsTheJson()
    {
        string[] methods = ["laplace", "gaussian+lds", "uvote", "ensemble:2"];
        JsonElement json = JsonDocument.Parse(CommandRun.Of(
            ["compare", _table, .. _training, "--seeds", "3", "--methods", "vanilla," + string.Join(',', methods), "--json", "--report", _folder.PathOf("r.html")]).AssertSucceeds().Output).RootElement;
        string html = File.ReadAllText(_folder.PathOf("r.html"));
        Assert.DoesNotContain("NaN", html);
        ReportMarks marks = ReportMarks.Of(ReportMarks.Parse(html), "reliability");
        JsonElement Of(string name) => json.GetProperty("methods").EnumerateArray().Single(method => method.GetProperty("name").GetString() == name).GetProperty("uncertainty");
        Assert.Equal(JsonValueKind.Null, Of("vanilla").ValueKind);
        Assert.Equal(["laplace", "normal", "laplace", "normal"], methods.Select(name => Of(name).GetProperty("distribution").GetString()!));
        foreach (string name in methods)
        {
            double?[] levels = Numbers(Of(name), "levels");
            Assert.Equal(19, levels.Length);
            foreach ((string key, string title) in new[] { ("overall", "all rows"), ("many", "many-shot rows"), ("medium", "medium-shot rows"), ("few", "few-shot rows") })
            {
                JsonElement region = Of(name).GetProperty(key);
                string panel = $"{title} ({region.GetProperty("count").GetInt32()})";
                Assert.Equal(levels.Select(level => 100 * level), marks.Numbers("line", name, "x", panel));
                Assert.Equal(Numbers(region, "coverage").Select(share => 100 * share), marks.Numbers("line", name, "y", panel));
                Assert.Equal(3, Numbers(region, "coverage90").Length);
                Assert.Equal(Numbers(region, "coverage")[17]!.Value, Numbers(region, "coverage90").Average()!.Value, 1e-12);
                Assert.All(Numbers(region, "meanDeviation"), deviation => Assert.True(deviation > 0));
            }
        }
    }

    [Fact]
    public void NoFigureWithoutUncertainty()
    {
        CommandRun.Of(["compare", _table, .. _training, "--seeds", "2", "--methods", "vanilla,lds", "--report", _folder.PathOf("r.html")]).AssertSucceeds();
        XElement page = ReportMarks.Parse(File.ReadAllText(_folder.PathOf("r.html")));
        Assert.DoesNotContain(page.Descendants(), element => (string?)element.Attribute("data-figure") == "reliability");
        Assert.DoesNotContain("Uncertainty", page.Value);
    }

    [Theory]
    [InlineData("laplace", "Laplace")]
    [InlineData("ensemble:3", "normal")]
    public void EvaluateTellsWhatThePredictionsAmountTo(string method, string distribution)
    {
        string model = _folder.PathOf("m.dir");
        CommandRun.Of(["train", _table, .. _training, "--method", method, "--out", model]).AssertSucceeds();
        JsonElement json = JsonDocument.Parse(CommandRun.Of("evaluate", model, _table, "--split", "all", "--json").AssertSucceeds().Output).RootElement.GetProperty("uncertainty");
        double[][] rows = [.. CommandRun.Of("predict", model, _table).AssertSucceeds().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(line => Array.ConvertAll(line.Split(','), field => double.Parse(field, CultureInfo.InvariantCulture)))];
        double[] labels = [.. File.ReadAllLines(_table).Skip(1).Select(line => double.Parse(line.Split(',')[^1], CultureInfo.InvariantCulture))];
        double quantile = method == "laplace" ? -Math.Log(0.1) / Math.Sqrt(2) : 1.6448536269514722;
        double within = rows.Zip(labels, (row, label) => Math.Abs(label - row[0]) < quantile * row[1] ? 1.0 : 0.0).Average();
        JsonElement overall = json.GetProperty("overall");
        Assert.Equal(labels.Length, overall.GetProperty("count").GetInt32());
        Assert.Equal(within, overall.GetProperty("coverage")[17].GetDouble(), 1e-12);
        Assert.Equal(rows.Average(row => row[1]), overall.GetProperty("meanDeviation").GetDouble(), 1e-9);
        string text = CommandRun.Of("evaluate", model, _table, "--split", "all").AssertSucceeds().Output;
        Assert.Contains($"uncertainty as {distribution} distributions: % of the labels within central intervals of", text);
        Assert.Contains((100 * within).ToString("0.0", CultureInfo.InvariantCulture), text[text.IndexOf("uncertainty", StringComparison.Ordinal)..]);
    }

    [Fact]
    public void DetailsShowATableOfThoseThatKnow()
    {
        string output = CommandRun.Of(["compare", _table, .. _training, "--seeds", "2", "--methods", "vanilla,laplace,ensemble:2", "--details"]).AssertSucceeds().Output;
        string table = output[output.IndexOf("Uncertainty on the test rows", StringComparison.Ordinal)..];
        Assert.Matches("(?m)^laplace \\(Laplace\\) +overall .*±", table);
        Assert.Matches("(?m)^ensemble:2 \\(normal\\) +few .*±", table);
        Assert.DoesNotContain("vanilla (", table);
    }

    private static double?[] Numbers(JsonElement parent, string name) =>
        [.. parent.GetProperty(name).EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? (double?)null : value.GetDouble())];
}
