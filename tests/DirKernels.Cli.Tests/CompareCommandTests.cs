using System.Text.Json;
using Xunit;

namespace DirKernels.Cli.Tests;

public sealed class CompareCommandTests : IDisposable
{
    private static readonly string[] _small = ["--bins", SampleTable.Bins, "--hidden", "8", "--epochs", "3", "--batch", "64"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _table;

    public CompareCommandTests() => _table = _folder.Write("t.csv", SampleTable.Csv());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TablesShowEveryMethodAndRegion()
    {
        string output = Compare("--methods", "vanilla,sqinv", "--seeds", "2").AssertSucceeds().Output;
        Assert.StartsWith("t.csv: y from ", output);
        Assert.Contains("20 bins of 5 from 0", output);
        Assert.Contains("MAE on the test rows, mean ± standard deviation over seeds\nmethod", output);
        Assert.Contains("GM, the geometric mean of the absolute errors\nmethod", output);
        Assert.Contains("MAE minus that of vanilla, paired over seeds: mean [95 % interval]\nmethod", output);
        Assert.Contains("\nsqinv ", output);
        Assert.Contains("Against vanilla over 2 paired seeds, corrected for the number of methods (1): few-shot MAE is ", output);
        Assert.Contains("4 runs in ", output);
    }

    [Fact]
    public void JsonHoldsArraysOverSeeds()
    {
        JsonElement root = Json(Compare("--methods", "vanilla,lds+fds,rrt", "--seeds", "2", "--seed", "5", "--json"));
        Assert.Equal("dirkernels.comparison/1", root.GetProperty("schema").GetString());
        Assert.Equal("y", root.GetProperty("target").GetString());
        Assert.Equal(500, root.GetProperty("train").GetInt32() + root.GetProperty("validation").GetInt32() + root.GetProperty("test").GetInt32());
        Assert.Equal([5, 6], root.GetProperty("seeds").EnumerateArray().Select(seed => seed.GetInt32()));
        JsonElement[] methods = [.. root.GetProperty("methods").EnumerateArray()];
        Assert.Equal(["vanilla", "lds+fds", "rrt"], methods.Select(method => method.GetProperty("name").GetString()!));
        foreach (JsonElement method in methods)
        {
            foreach (string array in new[] { "seconds", "bmae" })
            {
                Assert.Equal(2, method.GetProperty(array).GetArrayLength());
            }

            int regions = 0;
            foreach (string region in new[] { "many", "medium", "few" })
            {
                regions += method.GetProperty(region).ValueKind == JsonValueKind.Null ? 0 : method.GetProperty(region).GetProperty("count").GetInt32();
            }

            JsonElement overall = method.GetProperty("overall");
            Assert.Equal(overall.GetProperty("count").GetInt32(), regions);
            double mae = overall.GetProperty("mae")[0].GetDouble(), mse = overall.GetProperty("mse")[0].GetDouble();
            Assert.True(mae > 0 && mae * mae <= mse && overall.GetProperty("gm")[0].GetDouble() <= mae);
        }

        JsonElement difference = methods[1].GetProperty("maeDifference").GetProperty("overall");
        double expected = methods[1].GetProperty("overall").GetProperty("mae").EnumerateArray().Average(x => x.GetDouble())
            - methods[0].GetProperty("overall").GetProperty("mae").EnumerateArray().Average(x => x.GetDouble());
        Assert.Equal(expected, difference.GetProperty("mean").GetDouble(), 9);
        Assert.InRange(expected, difference.GetProperty("lower").GetDouble(), difference.GetProperty("upper").GetDouble());
    }

    [Fact]
    public void AllMethodsAreOneForEachPart()
    {
        JsonElement root = Json(Compare("--methods", "all", "--seeds", "1", "--json"));
        Assert.Equal(Methods.Method.EveryPart.Select(method => method.Name), root.GetProperty("methods").EnumerateArray().Select(method => method.GetProperty("name").GetString()!));
    }

    [Fact]
    public void ResamplingIsTold()
    {
        string output = Compare("--methods", "vanilla,smogn,ro+lds", "--seeds", "2").AssertSucceeds().Output;
        Assert.Contains("\nsmogn: ", output);
        Assert.Contains("\nro: ", output);
        Assert.Contains(" training rows became ", output);
        JsonElement[] methods = [.. Json(Compare("--methods", "vanilla,wercs", "--seeds", "1", "--json")).GetProperty("methods").EnumerateArray()];
        Assert.False(methods[0].TryGetProperty("resampling", out _));
        Assert.StartsWith("wercs: ", methods[1].GetProperty("resampling").GetString());
    }

    [Fact]
    public void ResultsDoNotDependOnThreads()
    {
        string[] Errors(string threads) =>
            [.. Json(Compare("--methods", "vanilla,fds", "--seeds", "2", "--json", "--threads", threads)).GetProperty("methods").EnumerateArray()
                .Select(method => method.GetProperty("overall").GetRawText())];
        Assert.Equal(Errors("1"), Errors("3"));
    }

    [Fact]
    public void OneSeedSupportsNoRanking() =>
        Assert.Contains("One seed gives no interval", Compare("--methods", "vanilla,sqinv", "--seeds", "1").AssertSucceeds().Output);

    [Fact]
    public void TheSampleNeedsNoFile()
    {
        string output = CommandRun.Of("compare", "--sample", "--methods", "vanilla", "--seeds", "1", "--epochs", "1").AssertSucceeds().Output;
        Assert.StartsWith("generated sample (6000 rows, seed 0): y from ", output);
        Assert.Contains("100 bins of 1 from 0", output);
    }

    [Fact]
    public void UsageErrors()
    {
        CommandRun.Of("compare").AssertFails(2, "compare needs FILE and --target, or --sample");
        CommandRun.Of("compare", "--sample", "--target", "y").AssertFails(2, "--sample");
        Compare("--methods", "vanilla,magic").AssertFails(2, "unknown part 'magic'");
        Compare("--methods", "lds,lds").AssertFails(2, "'lds' is named twice");
        Compare("--methods", "inv+sqinv").AssertFails(2, "more than one weighting");
        Compare("--seeds", "0").AssertFails(2, "--seeds");
        Compare("--methods", "lds", "--kernel", "none").AssertFails(2, "--kernel");
    }

    [Fact]
    public void DataErrors()
    {
        string noTest = _folder.Write("notest.csv", SampleTable.Csv().Replace("\ntest,", "\ntrain,", StringComparison.Ordinal));
        CommandRun.Of(["compare", noTest, "--target", "y", .. _small]).AssertFails(3, "there are no test rows");
        CommandRun.Of(["compare", _table, "--target", "z", .. _small]).AssertFails(3, "'z'");
        CommandRun.Of(["compare", _table + "x", "--target", "y", .. _small]).AssertFails(3, "t.csvx");
    }

    [Fact]
    public void DivergenceNamesTheEpoch() =>
        Compare("--methods", "vanilla", "--loss", "mse", "--optimizer", "sgd", "--lr", "1e6").AssertFails(1, "in epoch 1");

    [Fact]
    public void StoppedComparisonsWriteNothing()
    {
        string result = Path.Combine(Path.GetDirectoryName(_table)!, "result.json");
        CommandRun run = CommandRun.StoppedAfterEpoch(
            3, ["compare", _table, "--target", "y", "--bins", SampleTable.Bins, "--hidden", "8", "--epochs", "90000", "--seeds", "2", "--out", result]);
        run.AssertFails(130, "stopped");
        Assert.Equal(["t.csv"], _folder.FileNames);
    }

    private static JsonElement Json(CommandRun run) => JsonDocument.Parse(run.AssertSucceeds().Output).RootElement;

    private CommandRun Compare(params string[] options) => CommandRun.Of(["compare", _table, "--target", "y", .. _small, .. options]);
}
