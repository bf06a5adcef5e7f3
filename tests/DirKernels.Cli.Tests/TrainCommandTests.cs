using System.Text.Json;
using Xunit;

namespace DirKernels.Cli.Tests;

public sealed class TrainCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _table;

    public TrainCommandTests() => _table = _folder.Write("t.csv", SampleTable.Csv());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WritesAModelAndSaysWhatCameOfIt()
    {
        string output = Train("m.dir", "--method", "lds+fds").AssertSucceeds().Output;
        Assert.Contains("method    lds+fds, seed 0\n", output);
        Assert.Contains("network   [8, 16, 8, 1] relu, 289 parameters\n", output);
        Assert.Contains("20 bins of 5 from 0", output);
        Assert.Contains("epochs    6 run, the best is ", output);
        Assert.Contains("20 bins mapped (", output);
        Assert.Contains("fell back to the diagonal", output);
        Assert.Contains("\noverall ", output);
        Assert.Equal(["m.dir", "t.csv"], _folder.FileNames);
    }

    [Fact]
    public void ResamplingIsTold()
    {
        Assert.Contains("\nresampled smoter: ", Train("m.dir", "--method", "smoter+rrt").AssertSucceeds().Output);
        string text = Train("m.dir", "--method", "ru", "--json").AssertSucceeds().Output;
        Assert.StartsWith("ru: ", JsonDocument.Parse(text).RootElement.GetProperty("resampling").GetString());
    }

    [Fact]
    public void JsonHoldsWhatCameOfIt()
    {
        string text = Train("m.dir", "--method", "fds", "--json", "--select", "bmae", "--seed", "3").AssertSucceeds().Output;
        JsonElement root = JsonDocument.Parse(text).RootElement;
        Assert.Equal("dirkernels.train/1", root.GetProperty("schema").GetString());
        Assert.Equal("fds", root.GetProperty("method").GetString());
        Assert.Equal(3, root.GetProperty("seed").GetInt32());
        Assert.Equal(6, root.GetProperty("epochs").GetInt32());
        Assert.InRange(root.GetProperty("bestEpoch").GetInt32(), 1, 6);
        Assert.Equal("bmae", root.GetProperty("validationMetric").GetString());
        Assert.Equal(20, root.GetProperty("featureMaps").GetProperty("bins").GetInt32());
        JsonElement report = root.GetProperty("report");
        Assert.Equal(root.GetProperty("test").GetInt32(), report.GetProperty("overall").GetProperty("count").GetInt32());
        Assert.Equal(20, report.GetProperty("bins").GetArrayLength());
        Assert.Equal(
            root.GetProperty("train").GetInt32(), report.GetProperty("bins").EnumerateArray().Sum(bin => bin.GetProperty("trainCount").GetDouble()));
    }

    [Theory]
    [InlineData("vanilla")]
    [InlineData("sqinv", "--batch-norm", "--dropout", "0.2")]
    [InlineData("denseweight+focal")]
    [InlineData("lds+rrt")]
    [InlineData("smogn+lds+fds")]
    [InlineData("fds", "--covariance", "block:4")]
    [InlineData("lds+fds", "--covariance", "full")]
    [InlineData("lds+fds+rrt+huber", "--fds-mass", "count", "--fds-momentum", "none")]
    public void TheNumberOfThreadsDoesNotChangeABit(string method, params string[] options)
    {
        // Wide enough for the work to be shared among threads.
        string[] args = ["--method", method, "--hidden", "128,64", "--batch", "256", .. options];
        string one = Train("one.dir", [.. args, "--threads", "1"]).AssertSucceeds().Output;
        string two = Train("two.dir", [.. args, "--threads", "2"]).AssertSucceeds().Output;
        Assert.Equal(one.Replace("one.dir", "two.dir"), two);
        Assert.Equal(Bytes("one.dir"), Bytes("two.dir"));
    }

    [Theory]
    [InlineData("--method", "sqinv")]
    [InlineData("--method", "lds")]
    [InlineData("--method", "lds", "--kernel", "laplace")]
    [InlineData("--method", "lds", "--reweight", "inverse")]
    [InlineData("--method", "lds", "--reweight", "inverse", "--clip", "none")]
    [InlineData("--method", "lds", "--boundary", "symmetric")]
    [InlineData("--method", "denseweight")]
    [InlineData("--method", "denseweight", "--dense-alpha", "0.5")]
    [InlineData("--method", "denseweight", "--max-weight", "1.2")]
    [InlineData("--method", "inv", "--weight-range", "0.8,1.5")]
    [InlineData("--method", "power:0.75")]
    [InlineData("--method", "focal-l1")]
    [InlineData("--method", "focal-mse")]
    [InlineData("--method", "ro", "--relevance-threshold", "0.5")]
    [InlineData("--method", "smoter", "--neighbors", "2")]
    [InlineData("--method", "gn", "--noise", "0.3")]
    [InlineData("--method", "smogn", "--smogn-noise", "0.3")]
    [InlineData("--method", "wercs", "--wercs-added", "1")]
    [InlineData("--method", "wercs", "--wercs-left-out", "0.2")]
    [InlineData("--method", "bmc")]
    [InlineData("--method", "bmc", "--noise-sigma", "0.6")]
    [InlineData("--method", "bmc", "--sigma-rate", "0.05")]
    [InlineData("--method", "bni")]
    [InlineData("--method", "bni+lds")]
    [InlineData("--method", "bni+lds+sqinv")]
    [InlineData("--method", "bni+lds", "--sigma", "1")]
    [InlineData("--method", "gai")]
    [InlineData("--method", "gai", "--mixture-components", "1")]
    [InlineData("--method", "distloss")]
    [InlineData("--method", "distloss+huber")]
    [InlineData("--method", "distloss", "--dist-weight", "0.3")]
    [InlineData("--method", "distloss", "--dist-bandwidth", "0.1")]
    [InlineData("--method", "ranksim")]
    [InlineData("--method", "ranksim", "--ranksim-gamma", "1")]
    [InlineData("--method", "ranksim", "--ranksim-lambda", "20")]
    [InlineData("--method", "rnc")]
    [InlineData("--method", "rnc", "--rnc-weight", "0.1")]
    [InlineData("--method", "rnc", "--rnc-temperature", "0.5")]
    [InlineData("--method", "laplace")]
    [InlineData("--method", "gaussian")]
    [InlineData("--method", "uvote")]
    [InlineData("--method", "uvote", "--heads", "3")]
    [InlineData("--method", "transport")]
    [InlineData("--method", "transport+rrt")]
    [InlineData("--method", "transport", "--transport-sigma", "0.5")]
    [InlineData("--method", "transport", "--transport-momentum", "0.9")]
    [InlineData("--method", "transport", "--size", "3")]
    [InlineData("--method", "rrt")]
    [InlineData("--method", "rrt", "--head-epochs", "5")]
    [InlineData("--method", "huber")]
    [InlineData("--method", "huber", "--huber-beta", "0.5")]
    [InlineData("--method", "focal")]
    [InlineData("--method", "focal", "--focal-beta", "0.5")]
    [InlineData("--method", "focal", "--focal-gamma", "2")]
    [InlineData("--loss", "mse")]
    [InlineData("--loss", "focal-mse")]
    [InlineData("--activation", "gelu")]
    [InlineData("--activation", "tanh")]
    [InlineData("--hidden", "16,9")]
    [InlineData("--hidden", "none")]
    [InlineData("--batch-norm")]
    [InlineData("--dropout", "0.3")]
    [InlineData("--epochs", "4")]
    [InlineData("--batch", "32")]
    [InlineData("--batches", "stratified")]
    [InlineData("--lr", "2e-2")]
    [InlineData("--optimizer", "sgd")]
    [InlineData("--optimizer", "adamw", "--weight-decay", "0.1")]
    [InlineData("--weight-decay", "0.1")]
    [InlineData("--schedule", "cosine")]
    [InlineData("--schedule", "constant")]
    [InlineData("--seed", "1")]
    [InlineData("--method", "fds")]
    [InlineData("--method", "fds", "--covariance", "block:2")]
    [InlineData("--method", "fds", "--covariance", "full")]
    [InlineData("--method", "fds", "--covariance", "full", "--fds-shrinkage", "0.2")]
    [InlineData("--method", "fds", "--fds-kernel", "triangular")]
    [InlineData("--method", "fds", "--fds-size", "3")]
    [InlineData("--method", "fds", "--fds-sigma", "1")]
    [InlineData("--method", "fds", "--fds-momentum", "0.5")]
    [InlineData("--method", "fds", "--fds-momentum", "none")]
    [InlineData("--method", "fds", "--fds-strength", "0.5")]
    [InlineData("--method", "fds", "--fds-parts", "mean")]
    [InlineData("--method", "fds", "--fds-mass", "count")]
    [InlineData("--method", "fds", "--fds-clip", "0.9,1.1")]
    [InlineData("--method", "fds", "--fds-start", "3")]
    [InlineData("--method", "fds", "--empty-bins", "keep")]
    [InlineData("--method", "fds", "--empty-bins", "fill")]
    public void EveryOptionReachesTheTraining(params string[] options)
    {
        // A rate at which later epochs than the first, which nothing smooths, are the best ones.
        options = options.Contains("--lr") ? options : [.. options, "--lr", "1e-2"];
        string[] baseline = options is ["--method", var method, _, ..] && options.Length > 4 ? ["--method", method, "--lr", "1e-2"] : ["--lr", "1e-2"];
        if (options.Contains("--fds-shrinkage"))
        {
            baseline = [.. baseline, "--covariance", "full"];
        }

        Train("a.dir", baseline).AssertSucceeds();
        Train("b.dir", options).AssertSucceeds();
        Assert.NotEqual(Predictions("a.dir"), Predictions("b.dir"));
    }

    [Fact]
    public void PatienceStopsEarly()
    {
        string text = Train("m.dir", "--epochs", "200", "--lr", "0.05", "--schedule", "constant", "--patience", "3", "--json").AssertSucceeds().Output;
        JsonElement root = JsonDocument.Parse(text).RootElement;
        Assert.InRange(root.GetProperty("epochs").GetInt32(), 4, 199);
        Assert.Equal(root.GetProperty("bestEpoch").GetInt32() + 3, root.GetProperty("epochs").GetInt32());
    }

    [Fact]
    public void WithoutASplitColumnTheSplitIsBalancedOverTheBins()
    {
        string file = _folder.Write("u.csv", SampleTable.Csv(500, "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "y"));
        string text = TrainOn(file, "m.dir", "--json").AssertSucceeds().Output;
        JsonElement root = JsonDocument.Parse(text).RootElement;
        Assert.Equal(500, root.GetProperty("train").GetInt32() + root.GetProperty("validation").GetInt32() + root.GetProperty("test").GetInt32());
        Assert.Equal(root.GetProperty("validation").GetInt32(), root.GetProperty("test").GetInt32());
        Assert.Contains("balanced over the bins", CommandRun.Of("inspect", _folder.PathOf("m.dir")).AssertSucceeds().Output);
    }

    [Fact]
    public void AutomaticBinsAndMissingMediansAreFineAndATestPartIsNotNeeded()
    {
        string[] lines = SampleTable.Csv().TrimEnd('\n').Split('\n');
        string file = _folder.Write("m.csv", string.Join('\n', lines.Select((line, i) => i % 7 == 3 ? EmptyFirstInput(line) : line).Where(line => !line.StartsWith("test"))));
        string[] args = ["train", file, "--target", "y", "--hidden", "8", "--epochs", "2", "--out", _folder.PathOf("m.dir")];
        CommandRun.Of(args).AssertFails(ExitCode.BadData, ", column 'x1': the value is missing");
        string output = CommandRun.Of([.. args, "--missing", "median"]).AssertSucceeds().Output;
        Assert.Contains(" 0 test;", output);
        Assert.DoesNotContain("overall", output);
        Assert.Equal(lines.Count(line => !line.StartsWith("test")), CommandRun.Of("predict", _folder.PathOf("m.dir"), file).AssertSucceeds().Output.Split('\n').Length - 1);
    }

    [Fact]
    public void ReadsStandardInput()
    {
        string[] args = ["train", "-", "--target", "y", "--bins", SampleTable.Bins, "--hidden", "16,8", "--epochs", "6", "--batch", "64", "--out", _folder.PathOf("a.dir")];
        CommandRun.WithInput(SampleTable.Csv(), args).AssertSucceeds();
        Train("b.dir").AssertSucceeds();
        Assert.Equal(Bytes("b.dir"), Bytes("a.dir"));
    }

    [Fact]
    public void ProgressIsShownOnATerminalOnlyAndClearedAtTheEnd()
    {
        Assert.Equal("", Train("m.dir").Error);
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = CommandLine.Run(Arguments(_table, "m.dir"), Stream.Null, output, error, CancellationToken.None, showsProgress: true);
        Assert.Equal(ExitCode.Success, exitCode);
        string[] shown = error.ToString().Split('\r');
        Assert.Equal("", shown[0]);
        Assert.Equal(6, shown.Count(line => line.StartsWith("epoch ")));
        Assert.Matches(@"^epoch 3/6, loss [\d.]+, validation MAE [\d.]+, best [\d.]+, \d+:\d\d left *$", shown[3]);
        Assert.Equal("", shown[^1]);
        Assert.Equal("", shown[^2].Trim());
        Assert.DoesNotContain('\n', error.ToString());
    }

    private static string EmptyFirstInput(string line)
    {
        string[] fields = line.Split(',');
        fields[1] = "";
        return string.Join(',', fields);
    }

    private static string[] ArgumentsFor(string table, string model) =>
        ["train", table, "--target", "y", "--bins", SampleTable.Bins, "--out", model];

    private string[] Arguments(string table, string model, params string[] options)
    {
        string[] args = [.. ArgumentsFor(table, _folder.PathOf(model)), .. options];
        string[] defaults = ["--hidden", "16,8", "--epochs", "6", "--batch", "64"];
        for (int i = 0; i < defaults.Length; i += 2)
        {
            args = options.Contains(defaults[i]) ? args : [.. args, defaults[i], defaults[i + 1]];
        }

        return args;
    }

    private CommandRun TrainOn(string table, string model, params string[] options) => CommandRun.Of(Arguments(table, model, options));

    private CommandRun Train(string model, params string[] options) => TrainOn(_table, model, options);

    private byte[] Bytes(string model) => File.ReadAllBytes(_folder.PathOf(model));

    private string Predictions(string model) => CommandRun.Of("predict", _folder.PathOf(model), _table).AssertSucceeds().Output;
}
