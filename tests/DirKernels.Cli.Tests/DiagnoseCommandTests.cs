using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace DirKernels.Cli.Tests;

public sealed class DiagnoseCommandTests : IDisposable
{
    private static readonly string[] _small = ["--target", "y", "--bins", SampleTable.Bins, "--hidden", "8", "--epochs", "3", "--batch", "64"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _table;

    public DiagnoseCommandTests() => _table = _folder.Write("t.csv", SampleTable.Csv());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheTextAnswersEveryQuestion()
    {
        string output = Diagnose().AssertSucceeds().Output;
        Assert.StartsWith("t.csv: y from ", output);
        Assert.Contains("Pearson correlation of the MAE of a bin of vanilla with its density, over ", output);
        Assert.Contains("\nempirical  ", output);
        Assert.Contains("Mean cosine similarity of the features of bins to the anchor bin ", output);
        Assert.Contains("\nmeans, with fds ", output);
        Assert.Contains("Mean |running - smoothed| of feature means ", output);
        Assert.Contains("The rule of Freedman and Diaconis gives ", output);
        Assert.Contains("On the validation rows the lowest bMAE of ", output);
    }

    [Fact]
    public void MarksOfTheReportAreTheNumbersOfTheJson()
    {
        string report = _folder.PathOf("d.html");
        JsonElement root = JsonDocument.Parse(Diagnose("--no-search", "--json", "--report", report, "--plots", _folder.PathOf("plots")).AssertSucceeds().Output).RootElement;
        XElement page = ReportMarks.Parse(File.ReadAllText(report));
        ReportMarks anchors = ReportMarks.Of(page, "anchor-similarity");
        foreach ((string series, string key) in new[] { ("without FDS", "withoutFds"), ("with FDS", "withFds") })
        {
            JsonElement geometry = root.GetProperty(key);
            Assert.Equal(Numbers(geometry.GetProperty("meanToAnchor")), anchors.Numbers("line", series, "y", "feature means"));
            Assert.Equal(Numbers(geometry.GetProperty("varianceToAnchor")), anchors.Numbers("line", series, "y", "feature variances"));
            foreach (string statistic in new[] { "means", "variances" })
            {
                XElement[] rows = [.. ReportMarks.Of(page, "similarity").Mark("heat-map", $"{statistic}, {series}").Elements().Where(element => element.Attribute("data-values") is not null)];
                JsonElement[] matrix = [.. geometry.GetProperty(statistic).EnumerateArray()];
                Assert.Equal(matrix.Length, rows.Length);
                for (int b = 0; b < rows.Length; b++)
                {
                    double?[] shown = ReportMarks.Split(rows[b].Attribute("data-values")!.Value), told = Numbers(matrix[b]);
                    Assert.Equal(told.Select(value => value is null), shown.Select(value => value is null));

                    // Cells are rounded to four decimals: half a unit of the last.
                    Assert.All(told.Zip(shown), pair => Assert.True(pair.First is null || Math.Abs(pair.First.Value - pair.Second!.Value) <= 0.5e-4 * (1 + 1e-9)));
                }
            }
        }

        ReportMarks distances = ReportMarks.Of(page, "distances"), densities = ReportMarks.Of(page, "density");
        Assert.Equal(Numbers(root.GetProperty("smoothingDistance").GetProperty("means")), distances.Numbers("line", "feature means", "y"));
        Assert.Equal(Numbers(root.GetProperty("smoothingDistance").GetProperty("variances")), distances.Numbers("line", "feature variances", "y"));
        Assert.Equal(Numbers(root.GetProperty("effective")), densities.Numbers("line", "effective", "y").Select(value => (double?)(value ?? 0)));
        double?[] errors = [.. Numbers(root.GetProperty("binMae")).Where(error => error is not null)];
        ReportMarks against = ReportMarks.Of(page, "density-error");
        Assert.Equal(errors, against.Numbers("intervals", "empirical density", "y"));
        Assert.Equal(errors, against.Numbers("intervals", "effective density", "y"));
        double?[] effective = Numbers(root.GetProperty("effective")), judged = Numbers(root.GetProperty("binMae"));
        Assert.Equal([.. effective.Where((_, b) => judged[b] is not null).Select(density => 1 + density)], against.Numbers("intervals", "effective density", "x"));
        Assert.Equal(["anchor-similarity.svg", "density-error.svg", "density.svg", "distances.svg", "similarity.svg"],
            Directory.GetFiles(_folder.PathOf("plots")).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TheAnchorIsTheBinOfALabel()
    {
        JsonElement root = JsonDocument.Parse(Diagnose("--no-search", "--json", "--anchor", "12").AssertSucceeds().Output).RootElement;
        Assert.Equal(2, root.GetProperty("withFds").GetProperty("anchor").GetInt32());
        Assert.Equal(0, root.GetProperty("suggestion").GetProperty("trials").GetArrayLength());
    }

    [Fact]
    public void Errors()
    {
        CommandRun.Of("diagnose", _table).AssertFails(2, "--target");
        Diagnose("--anchor", "1e999").AssertFails(2, "--anchor");
        CommandRun.Of(["diagnose", _table + "x", .. _small]).AssertFails(3, "t.csvx");
        CommandRun.Of("diagnose", _table, "--target", "y", "--bins", "-100,5,60", "--anchor", "-70", "--epochs", "1").AssertFails(2, "has no training rows");
        Diagnose("--report", _folder.PathOf("no/d.html")).AssertFails(3, "its folder does not exist");
    }

    private static double?[] Numbers(JsonElement array) =>
        [.. array.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? (double?)null : value.GetDouble())];

    private CommandRun Diagnose(params string[] options) => CommandRun.Of(["diagnose", _table, .. _small, .. options]);
}
