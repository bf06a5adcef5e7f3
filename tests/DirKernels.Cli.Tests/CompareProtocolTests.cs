using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>The dial, the search and the dropped ranges of <c>compare</c>.</summary>
public sealed class CompareProtocolTests : IDisposable
{
    private static readonly string[] _small = ["--target", "y", "--bins", SampleTable.Bins, "--hidden", "8", "--batch", "64"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _table;

    public CompareProtocolTests() => _table = _folder.Write("t.csv", SampleTable.Csv(900));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheDialHasAFrontAndAPick()
    {
        string report = _folder.PathOf("p.html");
        JsonElement root = Json(Compare("--epochs", "4", "--seeds", "2", "--pareto", "--tradeoff", "0.25", "--json", "--report", report));
        JsonElement[] methods = [.. root.GetProperty("methods").EnumerateArray()];
        Assert.Equal(11, methods.Length);
        (double Many, double Few)[] points = [.. methods.Select(method => (Mean(method, "many"), Mean(method, "few")))];
        JsonElement pareto = root.GetProperty("pareto");
        bool[] front = [.. pareto.GetProperty("front").EnumerateArray().Select(value => value.GetBoolean())];
        for (int i = 0; i < points.Length; i++)
        {
            bool beaten = points.Any(other => other.Many <= points[i].Many && other.Few <= points[i].Few && (other.Many < points[i].Many || other.Few < points[i].Few));
            Assert.Equal(!beaten, front[i]);
        }

        double[] costs = [.. pareto.GetProperty("cost").EnumerateArray().Select(value => value.GetDouble())];
        string pick = pareto.GetProperty("pick").GetString()!;
        Assert.Equal(methods[Array.IndexOf(costs, costs.Min())].GetProperty("name").GetString(), pick);
        Assert.Equal(1, costs[0], 12);
        Assert.Contains($"pick {pick}:", pareto.GetProperty("sentence").GetString());

        ReportMarks marks = ReportMarks.Of(ReportMarks.Parse(File.ReadAllText(report)), "trade-off");
        int seen = 0;
        foreach (XElement mark in marks.Marks("intervals"))
        {
            string[] names = mark.Attribute("data-names")!.Value.Split(' ');
            for (int i = 0; i < names.Length; i++, seen++)
            {
                JsonElement interval = methods.Single(method => method.GetProperty("name").GetString() == names[i]).GetProperty("interval");
                Assert.Equal(interval.GetProperty("many").GetProperty("mean").GetDouble(), ReportMarks.Split(mark.Attribute("data-x")!.Value)[i]);
                Assert.Equal(interval.GetProperty("few").GetProperty("upper").GetDouble(), ReportMarks.Split(mark.Attribute("data-y-upper")!.Value)[i]);
            }
        }

        Assert.Equal(11, seen);
        (double many, double few) = points[Array.FindIndex(methods, method => method.GetProperty("name").GetString() == pick)];
        Assert.Equal(many, marks.Numbers("ring", "pick for W = 0.25", "x")[0]!.Value, 9);
        Assert.Equal(few, marks.Numbers("ring", "pick for W = 0.25", "y")[0]!.Value, 9);
        Assert.Equal([.. points.Where((_, i) => front[i]).Select(point => (double?)point.Many).Order()], marks.Numbers("line", "front", "x").Select(x => x), (a, b) => Math.Abs(a!.Value - b!.Value) < 1e-9);
    }

    [Fact]
    public void ASearchIsRepeatedByItsBudgetOfEpochs()
    {
        string[] search = ["--epochs", "9", "--seeds", "2", "--methods", "vanilla,sqinv,lds", "--budget-epochs", "180"];
        string Result(string threads)
        {
            JsonElement found = Json(Compare([.. search, "--json", "--threads", threads])).GetProperty("search");
            return found.GetRawText();
        }

        string first = Result("1");
        Assert.Equal(first, Result("3"));
        JsonElement root = JsonDocument.Parse(first).RootElement;
        Assert.InRange(root.GetProperty("usedEpochs").GetInt32(), 37, 180);
        JsonElement[] rungs = [.. root.GetProperty("rungs").EnumerateArray()];
        double last = 0;
        foreach (JsonElement rung in rungs)
        {
            Assert.True(rung.GetProperty("epochs").GetDouble() > last);
            last = rung.GetProperty("epochs").GetDouble();
            double[] errors = [.. rung.GetProperty("candidates").EnumerateArray().Select(candidate => candidate.GetProperty("validationError").GetDouble())];
            Assert.Equal(errors.Order(), errors);
        }

        Assert.Equal(9, last);
        string text = Compare(search).AssertSucceeds().Output;
        Assert.Contains("candidates by successive halving on validation rows: the best is " + root.GetProperty("winner").GetString(), text);
        Assert.Contains("--budget-epochs 180 repeats", text);
    }

    [Fact]
    public void EnsemblesCostTheirBudgetAllTheirNetworks()
    {
        JsonElement root = Json(Compare("--epochs", "3", "--seeds", "1", "--methods", "vanilla,ensemble:2+lds", "--budget-epochs", "40", "--json")), search = root.GetProperty("search");
        JsonElement[] candidates = [.. search.GetProperty("rungs")[0].GetProperty("candidates").EnumerateArray()];
        Assert.All(candidates, candidate => Assert.StartsWith("ensemble:2+lds", candidate.GetProperty("method").GetString()));

        // Two networks for each candidate of each rung, then the baseline and the best.
        int used = search.GetProperty("rungs").EnumerateArray().Sum(rung => 2 * rung.GetProperty("epochs").GetInt32() * rung.GetProperty("candidates").GetArrayLength()) + 3 * (1 + 2);
        Assert.Equal(used, search.GetProperty("usedEpochs").GetInt32());
        Assert.InRange(used, 1, 40);
        Compare("--methods", "vanilla,ensemble:2+lds", "--epochs", "60", "--seeds", "5", "--budget-epochs", "5").AssertFails(2, "the least is 1320 for runs of 60 epochs and 5 seeds");
    }

    [Fact]
    public void MinutesBecomeEpochsThatAreTold()
    {
        JsonElement search = Json(Compare("--epochs", "3", "--seeds", "1", "--methods", "vanilla,sqinv", "--budget", "0.05", "--json")).GetProperty("search");
        Assert.True(search.GetProperty("budgetEpochs").GetInt64() >= search.GetProperty("usedEpochs").GetInt64());
        Assert.Equal("sqinv", search.GetProperty("winner").GetString());
    }

    [Fact]
    public void DroppedRangesAreToldApart()
    {
        JsonElement root = Json(Compare("--epochs", "4", "--seeds", "2", "--methods", "vanilla,lds", "--drop", "30..35", "--drop", "50..200", "--json"));
        JsonElement all = Json(Compare("--epochs", "1", "--seeds", "1", "--methods", "vanilla", "--json")), dropped = root.GetProperty("dropped");
        Assert.Equal(all.GetProperty("train").GetInt32(), root.GetProperty("train").GetInt32() + dropped.GetProperty("train").GetInt32());
        Assert.Equal(all.GetProperty("test").GetInt32(), root.GetProperty("test").GetInt32());
        Assert.Equal(["interpolation", "extrapolation"], dropped.GetProperty("ranges").EnumerateArray().Select(range => range.GetProperty("kind").GetString()!));
        int inside = dropped.GetProperty("interpolation").GetProperty("count").GetInt32(), beyond = dropped.GetProperty("extrapolation").GetProperty("count").GetInt32();
        Assert.True(inside > 0 && beyond > 0);
        Assert.Equal(inside + beyond, dropped.GetProperty("dropped").GetProperty("count").GetInt32());
        Assert.NotEqual(JsonValueKind.Null, root.GetProperty("methods")[0].GetProperty("zeroShot").ValueKind);
        foreach (string method in new[] { "vanilla", "lds" })
        {
            double[] Of(string part) => [.. dropped.GetProperty(part).GetProperty(method).EnumerateArray().Select(value => value.GetDouble())];
            for (int seed = 0; seed < 2; seed++)
            {
                double expected = (inside * Of("interpolation")[seed] + beyond * Of("extrapolation")[seed]) / (inside + beyond);
                Assert.Equal(expected, Of("dropped")[seed], 9);
            }
        }

        Assert.Contains("from which ", Compare("--epochs", "1", "--seeds", "1", "--methods", "vanilla", "--drop", "30..35").AssertSucceeds().Output);
    }

    [Fact]
    public void DetailsAddCorrectedDecisionsToTheText()
    {
        string output = Compare("--epochs", "2", "--seeds", "2", "--methods", "vanilla,lds,inv", "--details").AssertSucceeds().Output;
        Assert.Contains("corrected by Holm's rule for 2 methods", output);
        Assert.Contains("\nFurther measures on the test rows, mean ± standard deviation over seeds\nmethod ", output);
        Assert.Contains("bMASE", output);
    }

    [Fact]
    public void PrescribedRegionsAndMeasuresOfTheTables()
    {
        int bins = int.Parse(SampleTable.Bins.Split(',')[2], System.Globalization.CultureInfo.InvariantCulture);
        string few = string.Join(',', Enumerable.Range(0, 6)), many = string.Join(',', Enumerable.Range(6, bins - 6)), regions = $"many:{many};few:{few}";
        string output = Compare("--epochs", "1", "--seeds", "1", "--methods", "vanilla", "--measures", "mse,pearson", "--select", "mse", "--regions", regions).AssertSucceeds().Output;
        Assert.Contains("\nMSE on the test rows, mean ± standard deviation over seeds\n", output);
        Assert.Contains("\nPearson correlation of predictions and labels\n", output);
        Assert.DoesNotContain("GM, ", output);
        JsonElement method = Json(Compare("--epochs", "1", "--seeds", "1", "--methods", "vanilla", "--regions", regions, "--json")).GetProperty("methods")[0];
        Assert.Equal(JsonValueKind.Null, method.GetProperty("medium").ValueKind);
        int Count(string region) => method.GetProperty(region).GetProperty("count").GetInt32();
        Assert.Equal(Count("overall"), Count("many") + Count("few"));
        Assert.True(Count("few") > 0 && Count("many") > 0);
    }

    [Fact]
    public void RegionsAndMeasuresThatAreWrong()
    {
        int bins = int.Parse(SampleTable.Bins.Split(',')[2], System.Globalization.CultureInfo.InvariantCulture);
        Compare("--regions", "many:0").AssertFails(2, $"--regions: bin 1 of {bins} is not named");
        Compare("--regions", "most:0").AssertFails(2, "does not begin with many:");
        Compare("--regions", $"many:{bins}").AssertFails(2, $"'{bins}' is not a bin from 0 to {bins - 1}");
        Compare("--regions", "many:0;few:0").AssertFails(2, "bin 0 is named for few, but also for many");
        Compare("--regions", "many").AssertFails(2, "no list of bins");
        Compare("--measures", "mae,mse,wape").AssertFails(2, "unknown measure 'wape'; known are mae");
        Compare("--measures", "mae,mae").AssertFails(2, "named twice");
    }

    [Fact]
    public void UsageErrors()
    {
        Compare("--tradeoff", "0.5").AssertFails(2, "--tradeoff: needs --pareto");
        Compare("--pareto", "--tradeoff", "2").AssertFails(2, "--tradeoff: must be 0..1");
        Compare("--pareto", "--methods", "lds").AssertFails(2, "--pareto");
        Compare("--pareto", "--budget", "1").AssertFails(2, "--budget");
        Compare("--budget", "-1").AssertFails(2, "--budget");
        Compare("--budget", "1", "--budget-epochs", "5").AssertFails(2, "--budget");
        Compare("--budget-epochs", "5").AssertFails(2, "the least is 660 for runs of 60 epochs and 5 seeds");
        Compare("--methods", "vanilla", "--budget-epochs", "5").AssertFails(2, "at least one other method");
        Compare("--drop", "3").AssertFails(2, "--drop: '3' is not lo..hi");
        Compare("--drop", "5..3").AssertFails(2, "--drop");
        Compare("--drop", "-1000..1000").AssertFails(3, "leaves none of the");
    }

    private static double Mean(JsonElement method, string region) => method.GetProperty(region).GetProperty("mae").EnumerateArray().Average(value => value.GetDouble());

    private static JsonElement Json(CommandRun run) => JsonDocument.Parse(run.AssertSucceeds().Output).RootElement;

    private CommandRun Compare(params string[] options) => CommandRun.Of(["compare", _table, .. _small, .. options]);
}
