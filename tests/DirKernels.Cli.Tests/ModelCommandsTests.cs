using System.Globalization;
using System.Text.Json;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>evaluate, predict and inspect on a model that train wrote.</summary>
public sealed class ModelCommandsTests : IDisposable
{
    private static readonly string[] _inputs = ["x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _table;
    private readonly string _model;
    private readonly string _summary;

    public ModelCommandsTests()
    {
        _table = _folder.Write("t.csv", SampleTable.Csv());
        _model = _folder.PathOf("m.dir");
        _summary = Train(_table, _model, "--method", "fds", "--bins", SampleTable.Bins, "--json");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EvaluationOfTheTestRowsIsWhatTrainSaid()
    {
        JsonElement trained = JsonDocument.Parse(_summary).RootElement.GetProperty("report");
        JsonElement evaluated = JsonDocument.Parse(CommandRun.Of("evaluate", _model, _table, "--json").AssertSucceeds().Output).RootElement;
        Assert.Equal("dirkernels.evaluate/1", evaluated.GetProperty("schema").GetString());
        Assert.Equal("test", evaluated.GetProperty("rows").GetString());
        foreach (JsonProperty property in trained.EnumerateObject())
        {
            Assert.Equal(property.Value.GetRawText().Replace(" ", ""), evaluated.GetProperty(property.Name).GetRawText().Replace(" ", ""));
        }
    }

    [Theory]
    [InlineData("laplace", "laplace")]
    [InlineData("gaussian+lds+fds", "gaussian")]
    [InlineData("uvote", "vote of 2")]
    public void ModelsThatKnowTheirUncertaintySaySo(string method, string head)
    {
        string model = _folder.PathOf("u.dir"), onnx = _folder.PathOf("u.onnx");
        Train(_table, model, "--method", method, "--bins", SampleTable.Bins);
        string[] lines = CommandRun.Of("predict", model, _table).AssertSucceeds().Output.TrimEnd('\n').Split('\n');
        Assert.Equal("prediction,uncertainty", lines[0]);
        Assert.Equal(501, lines.Length);
        Assert.All(lines[1..], line =>
        {
            double[] numbers = [.. line.Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
            Assert.Equal(2, numbers.Length);
            Assert.True(double.IsFinite(numbers[0]) && numbers[1] > 0);
        });
        CommandRun.Of("evaluate", model, _table).AssertSucceeds();
        Assert.Contains(head + " head", CommandRun.Of("inspect", model).AssertSucceeds().Output);
        Assert.Contains(head + " head", CommandRun.Of("export", model, "--onnx", onnx).AssertSucceeds().Output);
    }

    [Fact]
    public void EvaluationIsThatOfThePredictions()
    {
        string[] lines = SampleTable.Csv().TrimEnd('\n').Split('\n')[1..];
        double[] predictions = Predictions(CommandRun.Of("predict", _model, _table).AssertSucceeds());
        double[] errors = [.. lines.Select((line, i) => Math.Abs(predictions[i] - double.Parse(line.Split(',')[^1], CultureInfo.InvariantCulture)))];
        foreach (string part in new[] { "train", "val", "test", "all" })
        {
            double[] chosen = [.. errors.Where((_, i) => part == "all" || lines[i].StartsWith(part))];
            JsonElement overall = JsonDocument.Parse(CommandRun.Of("evaluate", _model, _table, "--split", part, "--json").AssertSucceeds().Output)
                .RootElement.GetProperty("overall");
            Assert.Equal(chosen.Length, overall.GetProperty("count").GetInt32());
            Assert.Equal(chosen.Average(), overall.GetProperty("mae").GetDouble(), 1e-9);
            Assert.Equal(Math.Sqrt(chosen.Average(error => error * error)), overall.GetProperty("rmse").GetDouble(), 1e-9);
        }
    }

    [Fact]
    public void TheTableShowsRegionsAndDashesWhereThereAreNoRows()
    {
        string output = CommandRun.Of("evaluate", _model, _table, "--many", "1e6", "--few", "0").AssertSucceeds().Output;
        Assert.StartsWith($"y of {_table}, test rows\nregion ", output);
        Assert.Matches(@"\noverall +\d+ +[\d.]+ +[\d.]+ +[\d.]+ +-?[\d.E-]+\n", output);
        Assert.Matches(@"\nmany +- +- +- +- +-\n", output);
        Assert.Matches(@"\nmedium +\d+ ", output);
        Assert.Matches(@"\nbMAE [\d.]+ ", output);
        Assert.Contains("y of standard input, all rows", CommandRun.WithInput(SampleTable.Csv(500, [.. _inputs, "y"]), "evaluate", _model, "-").AssertSucceeds().Output);
    }

    [Fact]
    public void LabelsAndTheSplitAreNotNeededToPredict()
    {
        string all = CommandRun.Of("predict", _model, _table).AssertSucceeds().Output;
        Assert.StartsWith("prediction\n", all);
        Assert.Equal(502, all.Split('\n').Length);
        Assert.Equal(all, CommandRun.WithInput(SampleTable.Csv(500, _inputs), "predict", _model, "-").AssertSucceeds().Output);

        // The order of the columns is the table's own affair, and labels may be unknown.
        Assert.Equal(all, CommandRun.WithInput(SampleTable.Csv(500, [.. _inputs.Reverse()]), "predict", _model, "-").AssertSucceeds().Output);
        string unknown = string.Join('\n', SampleTable.Csv().TrimEnd('\n').Split('\n').Select((line, i) => i == 0 ? line : line[..(line.LastIndexOf(',') + 1)] + "?"));
        Assert.Equal(all, CommandRun.WithInput(unknown, "predict", _model, "-").AssertSucceeds().Output);
    }

    [Fact]
    public void PredictionsGoToAFileWhole()
    {
        string expected = CommandRun.Of("predict", _model, _table).AssertSucceeds().Output;
        Assert.Equal("", CommandRun.Of("predict", _model, _table, "--out", _folder.PathOf("p.csv")).AssertSucceeds().Output);
        Assert.Equal(expected, File.ReadAllText(_folder.PathOf("p.csv")));
        CommandRun.Of("", new CancellationToken(canceled: true), "predict", _model, _table, "--out", _folder.PathOf("q.csv")).AssertFails(ExitCode.Cancelled, "stopped");
        Assert.Equal(["m.dir", "p.csv", "t.csv"], _folder.FileNames);
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full on this system");
        CommandRun.Of("predict", _model, _table, "--out", "/dev/full").AssertFails(ExitCode.Failure, "No space left on device");
    }

    [Fact]
    public void OneRowIsPredictedAsAmongOthers()
    {
        string[] lines = SampleTable.Csv(500, _inputs).Split('\n');
        double[] all = Predictions(CommandRun.Of("predict", _model, _table).AssertSucceeds());
        double[] one = Predictions(CommandRun.WithInput($"{lines[0]}\n{lines[8]}\n", "predict", _model, "-").AssertSucceeds());
        Assert.Equal(all[7], Assert.Single(one), 1e-4);
    }

    [Fact]
    public void TextColumnsKeepTheirCategories()
    {
        string text = string.Join('\n', SampleTable.Csv().TrimEnd('\n').Split('\n').Select((line, i) => $"{line},{(i == 0 ? "kind" : i % 3)}"));
        string named = text.Replace(",0\n", ",blue\n").Replace(",1\n", ",red\n").Replace(",2\n", ",3\n") + "\n";
        Train(_folder.Write("c.csv", named), _model);
        Assert.Contains("kind: one of 3, blue, red", CommandRun.Of("inspect", _model).AssertSucceeds().Output.Replace("2, 3", "3"));

        // Only a number is left in the column: still the category of that name.
        string[] lines = named.Split('\n');
        string digits = string.Join('\n', lines.Where((line, i) => i == 0 || line.EndsWith(",3"))) + "\n";
        double[] all = Predictions(CommandRun.WithInput(named, "predict", _model, "-").AssertSucceeds());
        double[] chosen = Predictions(CommandRun.WithInput(digits, "predict", _model, "-").AssertSucceeds());
        Assert.Equal(all.Where((_, i) => lines[i + 1].EndsWith(",3")), chosen.Select(value => value), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void MissingInputsFollowTheTrainingUnlessTheUserSaysOtherwise()
    {
        string input = string.Join(',', _inputs) + "\n1,1,1,1,1,1,1,\n";
        CommandRun.WithInput(input, "predict", _model, "-").AssertFails(ExitCode.BadData, "row 2, column 'x8': the value is missing");
        CommandRun.WithInput(input, "predict", _model, "-", "--missing", "median").AssertSucceeds();
        Train(_table, _model, "--missing", "median");
        CommandRun.WithInput(input, "predict", _model, "-").AssertSucceeds();
        CommandRun.WithInput(input, "predict", _model, "-", "--missing", "error").AssertFails(ExitCode.BadData, "the value is missing");
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "standard input: there is no column 'x1'; did you mean 'a'? Columns: a, b")]
    [InlineData("x1,x2,x3,x4,x5,x6,x7\n1,2,3,4,5,6,7\n", "standard input lacks x8")]
    [InlineData("x1,x2,x3,x4,x5,x6,x7,x8,x9,z\n1,2,3,4,5,6,7,8,9,a\n", "the model was trained on columns x1, x2, x3, x4, x5, x6, x7, x8; standard input has x9, z besides")]
    [InlineData("x1,x2,x3,x4,x5,x6,x7,x8\n1,2,3,4,5,6,7,red\n", "standard input: row 2, column 'x8': 'red' is not a number, but the column is numeric")]
    [InlineData("x1,x2,x3,x4,x5,x6,x7,x8\n1,2,3,4,5,6,7,1e300\n", "standard input: row 2, column 'x8': 1E+300 is too far from the training rows")]
    [InlineData("x1,x2,x3,x4,x5,x6,x7,x8\n1,2,3\n", "standard input: row 2: 3 fields, but the header has 8")]
    [InlineData("", "standard input: the file is empty")]
    public void OtherColumnsAreNamed(string input, string message)
    {
        CommandRun.WithInput(input, "predict", _model, "-", "--out", _folder.PathOf("p.csv")).AssertFails(ExitCode.BadData, message);
        CommandRun.WithInput(input, "evaluate", _model, "-").AssertFails(ExitCode.BadData, message);
        Assert.Equal(["m.dir", "t.csv"], _folder.FileNames);
    }

    [Fact]
    public void EvaluationNeedsLabelsAndRows()
    {
        CommandRun.WithInput(SampleTable.Csv(500, _inputs), "evaluate", _model, "-").AssertFails(ExitCode.BadData, "standard input: there is no column 'y'");
        CommandRun.WithInput(SampleTable.Csv(500, [.. _inputs, "y"]), "evaluate", _model, "-", "--split", "val").AssertFails(ExitCode.BadData, "standard input: there is no split column to find the val rows by");
        string training = string.Join('\n', SampleTable.Csv().Split('\n').Where(line => !line.StartsWith("test")));
        CommandRun.WithInput(training, "evaluate", _model, "-").AssertFails(ExitCode.BadData, "standard input: column 'split' has no test rows");
        CommandRun.WithInput(SampleTable.Csv().Replace("val,", "dev,"), "evaluate", _model, "-").AssertFails(ExitCode.BadData, "'dev' is none of train, val, test");
        CommandRun.Of("evaluate", _model, _table, "--split", "dev").AssertFails(ExitCode.Usage, "--split: 'dev' is none of train, val, test, all");
        CommandRun.Of("evaluate", _model, _table, "--many", "5", "--few", "20").AssertFails(ExitCode.Usage, "--many, --few: shot thresholds:");
    }

    [Fact]
    public void InspectDescribesTheModel()
    {
        string text = CommandRun.Of("inspect", _model).AssertSucceeds().Output;
        Assert.Contains("target      y\n", text);
        Assert.Contains("network     [8, 16, 8, 1] relu, 289 parameters\n", text);
        Assert.Contains("method      fds\n", text);
        Assert.Contains("bins        20 bins of 5 from 0, ", text);
        Assert.Contains("statistics  6 epochs, ", text);
        Assert.Contains("split       split\n", text);
        Assert.Contains(" epochs=6 ", text);
        Assert.Contains("\n  x8: mean ", text);
        JsonElement root = JsonDocument.Parse(CommandRun.Of("inspect", _model, "--json").AssertSucceeds().Output).RootElement;
        Assert.Equal("dirkernels.inspect/1", root.GetProperty("schema").GetString());
        Assert.Equal([16, 8], root.GetProperty("hidden").EnumerateArray().Select(width => width.GetInt32()));
        Assert.Equal(_inputs, root.GetProperty("columns").EnumerateArray().Select(column => column.GetProperty("name").GetString()));
        Assert.Equal("0,5,20", root.GetProperty("options").GetProperty("bins").GetString());
        Assert.Equal(20, root.GetProperty("bins").GetArrayLength());
        Assert.False(root.GetProperty("isCheckpoint").GetBoolean());
        Assert.DoesNotContain(_folder.PathOf(""), text);
    }

    private static double[] Predictions(CommandRun run) =>
        [.. run.Output.TrimEnd('\n').Split('\n')[1..].Select(line => double.Parse(line, CultureInfo.InvariantCulture))];

    private static string Train(string table, string model, params string[] options) =>
        CommandRun.Of(["train", table, "--target", "y", "--hidden", "16,8", "--epochs", "6", "--batch", "64", "--out", model, .. options]).AssertSucceeds().Output;
}
