using System.Text.Json;
using DirKernels.Monitoring;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary><c>drift MODEL FILE</c>.</summary>
public sealed class DriftCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;
    private readonly string[] _lines = SampleTable.Csv(600, "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8").TrimEnd('\n').Split('\n');

    public DriftCommandTests()
    {
        _model = _folder.PathOf("m.dir");
        CommandRun.Of("train", _folder.Write("t.csv", SampleTable.Csv(2000)), "--target", "y", "--bins", SampleTable.Bins, "--hidden", "8", "--epochs", "3", "--out", _model).AssertSucceeds();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void RowsLikeThoseOfTheTrainingHaveNotMoved()
    {
        using JsonDocument report = Report([]);
        Assert.Equal(600, report.RootElement.GetProperty("rows").GetInt64());
        Assert.Equal("x1", report.RootElement.GetProperty("inputs")[0].GetProperty("name").GetString());
        foreach (JsonElement input in report.RootElement.GetProperty("inputs").EnumerateArray().Append(report.RootElement.GetProperty("predictions")))
        {
            Assert.True(input.GetProperty("stabilityIndex").GetDouble() < 0.1 + input.GetProperty("expected").GetDouble(), input.ToString());
        }

        string text = CommandRun.WithInput(string.Join('\n', _lines), "drift", _model, "-").AssertSucceeds().Output;
        Assert.Contains("0 of 8 inputs shifted, 0 to look at\n", text);
        Assert.Equal(1 + 1 + 2 + 1 + 8 + 1, text.Count(character => character == '\n'));
    }

    [Fact]
    public void AnInputThatMovedComesFirst()
    {
        string[] moved = [.. _lines.Select((line, row) => row == 0 ? line : Moved(line, 2, 3))];
        CommandRun run = CommandRun.WithInput(string.Join('\n', moved), "drift", _model, "-", "--top", "1").AssertSucceeds();
        string[] lines = run.Output.TrimEnd('\n').Split('\n');
        Assert.Matches("^x3 .* \\+[0-9.]+ .* shift$", lines[^2]);
        Assert.StartsWith("1 of 8 inputs shifted", lines[^1]);
    }

    [Fact]
    public void SketchesOfPartsMergeIntoThatOfAllRows()
    {
        string first = _folder.PathOf("a.sketch"), second = _folder.PathOf("b.sketch"), all = _folder.PathOf("all.sketch");
        CommandRun.WithInput(string.Join('\n', _lines[..200]), "drift", _model, "-", "--out", first).AssertSucceeds();
        CommandRun.WithInput(string.Join('\n', _lines[200..].Prepend(_lines[0])), "drift", _model, "-", "--out", second).AssertSucceeds();
        using JsonDocument whole = Report(["--out", all]), merged = JsonDocument.Parse(CommandRun.Of("drift", _model, "--add", first, second, "--json").AssertSucceeds().Output);
        JsonElement[] expected = [.. whole.RootElement.GetProperty("inputs").EnumerateArray()], actual = [.. merged.RootElement.GetProperty("inputs").EnumerateArray()];
        for (int input = 0; input < expected.Length; input++)
        {
            Assert.Equal(expected[input].GetProperty("stabilityIndex").GetDouble(), actual[input].GetProperty("stabilityIndex").GetDouble());
            Assert.Equal(expected[input].GetProperty("meanShift").GetDouble(), actual[input].GetProperty("meanShift").GetDouble(), 1e-12);
        }

        Assert.Equal(600, DriftSketch.Read(File.ReadAllBytes(all)).Rows);
    }

    [Fact]
    public void WrongUseAndDamagedFilesAreNamed()
    {
        CommandRun.Of("drift", _model).AssertFails(ExitCode.Usage, "neither a table nor a sketch");
        string damaged = _folder.Write("d.sketch", "DIRSTATS and no more of it");
        CommandRun.Of("drift", _model, "--add", damaged).AssertFails(ExitCode.BadData, "d.sketch: drift sketch: ");
        string other = _folder.PathOf("o.sketch");
        File.WriteAllBytes(other, new DriftSketch(3, 20).ToBytes());
        CommandRun.Of("drift", _model, "--add", other).AssertFails(ExitCode.BadData, "o.sketch: a sketch of 3 inputs and 20 bins cannot be merged into one of 8 and 20");
        CommandRun.Of("drift", _model, "--add", _folder.PathOf("none")).AssertFails(ExitCode.BadData, "none");
        string older = Path.Combine(AppContext.BaseDirectory, "Schema1", "model.dirk");
        CommandRun.Of("drift", older, Path.Combine(AppContext.BaseDirectory, "Schema1", "table.csv")).AssertFails(ExitCode.BadData, "model.dirk: the model knows nothing of its training rows");
    }

    private JsonDocument Report(string[] options) =>
        JsonDocument.Parse(CommandRun.WithInput(string.Join('\n', _lines), ["drift", _model, "-", "--json", .. options]).AssertSucceeds().Output);

    private static string Moved(string line, int column, double by)
    {
        string[] fields = line.Split(',');
        fields[column] = FormattableString.Invariant($"{double.Parse(fields[column], System.Globalization.CultureInfo.InvariantCulture) + by}");
        return string.Join(',', fields);
    }
}
