using System.Globalization;
using System.Text.Json;
using DirKernels.Labels;
using Xunit;

namespace DirKernels.Cli.Tests;

public sealed class WeightsCommandTests : IDisposable
{
    // Ten training rows in bins 0..4, one row each in val and test.
    private const string SplitTable = "split,x,y\ntrain,a,0\ntrain,b,0.5\ntrain,c,1\ntrain,d,1\ntrain,e,1.5\ntrain,f,1\ntrain,g,2\ntrain,h,2\ntrain,i,4\ntrain,j,0\nval,k,3\ntest,l,4\n";

    private static readonly double[] _trainLabels = [0, 0.5, 1, 1, 1.5, 1, 2, 2, 4, 0];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EveryRowGetsTheWeightOfItsBinAndOnlyTrainingRowsCount()
    {
        string[] lines = CommandRun.Of("weights", _folder.Write("a.csv", SplitTable), "--target", "y", "--bins", "0,1,5", "--size", "3")
            .AssertSucceeds().Output.Split('\n');
        LabelWeights expected = LabelDistributionSmoothing.Fit(
            _trainLabels, LabelBins.Uniform(0, 1, 5), SmoothingKernel.Gaussian(3, 2), Reweighting.SqrtInverse);
        Assert.Equal("label,bin,weight", lines[0]);
        Assert.Equal("", lines[^1]);
        string[][] rows = [.. lines[1..^1].Select(line => line.Split(','))];
        double[] labels = [.. _trainLabels, 3, 4];
        Assert.Equal(labels.Length, rows.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.Equal(labels[i], double.Parse(rows[i][0], CultureInfo.InvariantCulture));
            Assert.Equal((int)labels[i], int.Parse(rows[i][1], CultureInfo.InvariantCulture));
            Assert.Equal(expected.Weights[(int)labels[i]], double.Parse(rows[i][2], CultureInfo.InvariantCulture));
        }

        Assert.Equal(1, rows.Take(10).Average(row => double.Parse(row[2], CultureInfo.InvariantCulture)), 1e-12);
    }

    [Fact]
    public void JsonHoldsTheBins()
    {
        string text = CommandRun.Of("weights", _folder.Write("a.csv", SplitTable), "--target", "y", "--bins", "0,1,5", "--kernel", "none", "--reweight", "inverse", "--clip", "none", "--json")
            .AssertSucceeds().Output;
        JsonElement root = JsonDocument.Parse(text).RootElement;
        Assert.Equal(["schema", "rows", "bins", "meanWeight"], root.EnumerateObject().Select(property => property.Name));
        Assert.Equal("dirkernels.weights/1", root.GetProperty("schema").GetString());
        Assert.Equal(12, root.GetProperty("rows").GetInt32());
        Assert.Equal(1, root.GetProperty("meanWeight").GetDouble(), 1e-12);
        JsonElement[] bins = [.. root.GetProperty("bins").EnumerateArray()];
        Assert.Equal([3, 4, 2, 0, 1], bins.Select(bin => bin.GetProperty("count").GetDouble()));
        Assert.Equal([3, 4, 2, 0, 1], bins.Select(bin => bin.GetProperty("density").GetDouble()));
        Assert.Equal([10.0 / 4 / 3, 10.0 / 4 / 4, 10.0 / 4 / 2, 0, 10.0 / 4], bins.Select(bin => bin.GetProperty("weight").GetDouble()));
        Assert.Equal([0, 1, 2, 3, 4], bins.Select(bin => bin.GetProperty("lower").GetDouble()));
        Assert.Equal([1, 2, 3, 4, 5], bins.Select(bin => bin.GetProperty("upper").GetDouble()));
    }

    [Theory]
    [InlineData("--kernel", "laplace")]
    [InlineData("--kernel", "triangular")]
    [InlineData("--kernel", "truncated-gaussian")]
    [InlineData("--sigma", "1")]
    [InlineData("--boundary", "symmetric")]
    [InlineData("--reweight", "inverse")]
    [InlineData("--reweight", "power:0.25")]
    [InlineData("--reweight", "none")]
    [InlineData("--clip", "2,3")]
    [InlineData("--max-weight", "1.3")]
    [InlineData("--weight-range", "0.9,1.4")]
    public void EveryOptionReachesTheComputation(string option, string value)
    {
        string[] args = ["weights", _folder.Write("a.csv", SplitTable), "--target", "y", "--bins", "0,1,5", "--size", "3"];
        Assert.NotEqual(CommandRun.Of(args).AssertSucceeds().Output, CommandRun.Of([.. args, option, value]).AssertSucceeds().Output);
    }

    [Fact]
    public void WeightsStayInTheirRangeWithMeanOne()
    {
        string[] args = ["weights", _folder.Write("a.csv", SplitTable), "--target", "y", "--bins", "0,1,5", "--size", "3", "--reweight", "inverse", "--clip", "none"];
        double[] Weights(params string[] more) =>
            [.. CommandRun.Of([.. args, .. more]).AssertSucceeds().Output.Split('\n')[1..^1].Select(line => double.Parse(line[(line.LastIndexOf(',') + 1)..], CultureInfo.InvariantCulture))];
        Assert.True(Weights().Max() > 1.5);
        double[] kept = Weights("--max-weight", "1.2"), ranged = Weights("--weight-range", "0.95,1.2");
        Assert.All(kept, weight => Assert.True(weight <= 1.2));
        Assert.All(ranged, weight => Assert.InRange(weight, 0.95, 1.2));
        Assert.Equal(1, kept.Take(10).Average(), 1e-12);
        Assert.Equal(1, ranged.Take(10).Average(), 1e-12);
        CommandRun.Of([.. args, "--max-weight", "0.5"]).AssertFails(ExitCode.Usage, "--max-weight");
        CommandRun.Of([.. args, "--max-weight", "2", "--weight-range", "0.5,2"]).AssertFails(ExitCode.Usage, "--max-weight: contradicts --weight-range");
    }

    [Fact]
    public void SplitColumnIsFoundNamedOrSwitchedOff()
    {
        double TotalCount(params string[] more)
        {
            string text = CommandRun.Of(["weights", _folder.Write("a.csv", SplitTable.Replace("split", more is ["--split", "part"] ? "part" : "split")), "--target", "y", "--bins", "0,1,5", "--json", .. more])
                .AssertSucceeds().Output;
            return JsonDocument.Parse(text).RootElement.GetProperty("bins").EnumerateArray().Sum(bin => bin.GetProperty("count").GetDouble());
        }

        Assert.Equal(10, TotalCount());
        Assert.Equal(10, TotalCount("--split", "part"));
        Assert.Equal(12, TotalCount("--split", "none"));
    }

    [Fact]
    public void ReadsStandardInputAndNegativeBinEdges()
    {
        CommandRun run = CommandRun.WithInput("y\n-3\n-2.5\n0\n7\n", "weights", "-", "--target", "y", "--bins", "-5,2.5,5", "--kernel", "none").AssertSucceeds();
        Assert.Equal(["-3,0", "-2.5,1", "0,2", "7,4"], run.Output.Split('\n')[1..^1].Select(line => line[..line.LastIndexOf(',')]));
    }

    [Fact]
    public void AutomaticBinsCoverTheTrainingLabels()
    {
        string rows = string.Concat(Enumerable.Range(0, 400).Select(i => $"{Math.Sqrt(i).ToString(CultureInfo.InvariantCulture)}\n"));
        JsonElement root = JsonDocument.Parse(CommandRun.WithInput("y\n" + rows, "weights", "-", "--target", "y", "--json").AssertSucceeds().Output).RootElement;
        JsonElement[] bins = [.. root.GetProperty("bins").EnumerateArray()];
        Assert.InRange(bins.Length, 5, 50);
        Assert.Equal(0, bins[0].GetProperty("lower").GetDouble());
        Assert.Equal(Math.Sqrt(399), bins[^1].GetProperty("upper").GetDouble(), 1e-9);
    }

    [Fact]
    public void WritesTheSameToAFile()
    {
        string[] args = ["weights", _folder.Write("a.csv", SplitTable), "--target", "y", "--bins", "0,1,5"];
        string expected = CommandRun.Of(args).AssertSucceeds().Output;
        CommandRun run = CommandRun.Of([.. args, "--out", _folder.PathOf("w.csv")]).AssertSucceeds();
        Assert.Equal("", run.Output);
        Assert.Equal(expected, File.ReadAllText(_folder.PathOf("w.csv")));
        Assert.Equal(["a.csv", "w.csv"], _folder.FileNames);
    }

    [Theory]
    [InlineData("--bins: 'a' is not lower,width,count", "--bins", "a")]
    [InlineData("--bins: '0,1' is not lower,width,count", "--bins", "0,1")]
    [InlineData("--bins: '0,nan,3' is not lower,width,count", "--bins", "0,nan,3")]
    [InlineData("--bins: the count must be a whole number", "--bins", "0,1,2.5")]
    [InlineData("--bins: the count must be a whole number", "--bins", "0,1,0")]
    [InlineData("the width must be a positive number, but is 0", "--bins", "0,0,10")]
    [InlineData("the width must be a positive number, but is -1", "--bins", "0,-1,10")]
    [InlineData("the size must be odd", "--size", "4")]
    [InlineData("the size must be odd", "--size", "-3")]
    [InlineData("'five' for option '--size'", "--size", "five")]
    [InlineData("--sigma: must be positive, but is -2", "--sigma", "-2")]
    [InlineData("--sigma: must be positive, but is 0", "--sigma", "0")]
    [InlineData("5 taps are more than the 3 bins to smooth", "--bins", "0,1,3")]
    [InlineData("--kernel: 'box' is none of", "--kernel", "box")]
    [InlineData("--reweight: 'cube' is none of", "--reweight", "cube")]
    [InlineData("--reweight: 'power:x' is none of", "--reweight", "power:x")]
    [InlineData("the power must be 0..4, but is -1", "--reweight", "power:-1")]
    [InlineData("--clip: '5' is not lower,upper", "--clip", "5")]
    [InlineData("the clip must be 0 <= lower <= upper", "--clip", "5,2")]
    [InlineData("--boundary: 'mirror' is none of", "--boundary", "mirror")]
    [InlineData("--out: the name of the file is empty", "--out", "")]
    [InlineData("Unrecognized command or argument '--nonsense'", "--nonsense", "1")]
    public void WrongOptionsAreUsageErrors(string message, string option, string value)
    {
        string file = _folder.Write("a.csv", SplitTable);
        string[] bins = option == "--bins" ? [] : ["--bins", "0,1,5"];
        CommandRun.Of(["weights", file, "--target", "y", option, value, .. bins]).AssertFails(ExitCode.Usage, message);
        Assert.Equal(["a.csv"], _folder.FileNames);
    }

    [Fact]
    public void WrongCommandLinesAreUsageErrors()
    {
        CommandRun.Of().AssertFails(ExitCode.Usage, "Required command was not provided");
        CommandRun.Of("weigths").AssertFails(ExitCode.Usage, "'weigths'");
        CommandRun.Of("weights").AssertFails(ExitCode.Usage, "FILE");
        CommandRun.Of("weights", "a.csv").AssertFails(ExitCode.Usage, "--target");
        CommandRun.Of("weights", "a.csv", "--target", "y", "--out").AssertFails(ExitCode.Usage, "--out");
    }

    [Theory]
    [InlineData("", "standard input: the file is empty")]
    [InlineData("y\n", "standard input: there is a header but no rows")]
    [InlineData("z\n1\n", "standard input: there is no column 'y'")]
    [InlineData("z,split\n1,train\n", "standard input: there is no column 'y'")]
    [InlineData("x,y\n1,2\n3\n", "standard input: row 3: 1 fields, but the header has 2")]
    [InlineData("x,y\n1,2\n3,\n", "standard input: row 3, column 'y': the value is missing")]
    [InlineData("x,y\n1,2\n3,two\n", "standard input: row 3, column 'y': 'two' is not a number")]
    [InlineData("x,y\n1,2\n3,nan\n", "standard input: row 3, column 'y': 'nan' is not a finite number")]
    [InlineData("x,y\n1,2\n3,inf\n", "standard input: row 3, column 'y': 'inf' is not a finite number")]
    [InlineData("y\nlow\nhigh\n", "standard input: row 2, column 'y': 'low' is text, but the column must be numeric")]
    [InlineData("y\n2\n", "standard input: column 'y': all 1 training labels are equal to 2")]
    [InlineData("y\n2\n2\n2\n", "standard input: column 'y': all 3 training labels are equal to 2")]
    [InlineData("split,y\nval,2\ntest,3\n", "standard input: column 'split' has no training rows")]
    [InlineData("split,y\ntrain,2\ndev,3\n", "standard input: row 3, column 'split': 'dev' is none of train, val, test")]
    public void BadDataIsNamed(string input, string message)
    {
        CommandRun.WithInput(input, "weights", "-", "--target", "y", "--kernel", "none", "--out", _folder.PathOf("w.csv")).AssertFails(ExitCode.BadData, message);
        Assert.Empty(_folder.FileNames);
    }

    [Fact]
    public void AbsentFilesAndFoldersAreBadData()
    {
        CommandRun.Of("weights", _folder.PathOf("no.csv"), "--target", "y").AssertFails(ExitCode.BadData, "no.csv");
        CommandRun.Of("weights", _folder.PathOf(""), "--target", "y").AssertFails(ExitCode.BadData, "this is a folder");
        string file = _folder.Write("a.csv", SplitTable);
        CommandRun.Of("weights", file, "--target", "y", "--bins", "0,1,5", "--out", _folder.PathOf("no/w.csv")).AssertFails(ExitCode.BadData, "its folder does not exist");
        CommandRun.Of("weights", file, "--target", "y", "--split", "part").AssertFails(ExitCode.BadData, "there is no column 'part'; did you mean 'split'?");
    }

    [Fact]
    public void AFullDiskIsAFailure()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full on this system");
        string file = _folder.Write("a.csv", SplitTable);
        CommandRun.Of("weights", file, "--target", "y", "--bins", "0,1,5", "--out", "/dev/full").AssertFails(ExitCode.Failure, "No space left on device");
    }

    [Fact]
    public void StoppingLeavesNoFile()
    {
        CommandRun run = CommandRun.Of(SplitTable, new CancellationToken(canceled: true), "weights", "-", "--target", "y", "--out", _folder.PathOf("w.csv"));
        run.AssertFails(ExitCode.Cancelled, "stopped");
        Assert.Empty(_folder.FileNames);
    }

    [Fact]
    public void HelpAndVersionSucceed()
    {
        Assert.Contains("dirkernels weights <FILE> [options]", CommandRun.Of("weights", "--help").AssertSucceeds().Output);
        Assert.Contains("weights", CommandRun.Of("--help").AssertSucceeds().Output);
        Assert.Matches(@"^\d+\.\d+\.\d+", CommandRun.Of("--version").AssertSucceeds().Output);
    }
}
