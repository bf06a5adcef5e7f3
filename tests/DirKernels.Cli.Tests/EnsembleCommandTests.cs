using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>Ensembles through every command.</summary>
public sealed class EnsembleCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _table;
    private readonly string _model;
    private readonly string[] _train;

    public EnsembleCommandTests()
    {
        _table = _folder.Write("t.csv", SampleTable.Csv());
        _model = _folder.PathOf("m.dir");
        _train = ["train", _table, "--target", "y", "--bins", SampleTable.Bins, "--hidden", "16,8", "--epochs", "5", "--batch", "64", "--method", "ensemble:3+lds", "--out", _model];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TrainInspectEvaluatePredictAndExportKnowTheNetworks()
    {
        string trained = CommandRun.Of(_train).AssertSucceeds().Output;
        Assert.Contains("network   3 of [8, 16, 8, 1] relu, 867 parameters", trained);
        Assert.Matches(@"epochs    15 run by 3 networks, the best are \d, \d, \d with validation MAE ", trained);
        string inspected = CommandRun.Of("inspect", _model).AssertSucceeds().Output;
        Assert.Contains("network     3 of [8, 16, 8, 1] relu, 867 parameters", inspected);
        JsonElement json = JsonDocument.Parse(CommandRun.Of("inspect", _model, "--json").AssertSucceeds().Output).RootElement;
        Assert.Equal((3, 867, 15), (json.GetProperty("networks").GetInt32(), json.GetProperty("parameters").GetInt32(), json.GetProperty("epochs").GetInt32()));
        Assert.Equal(3, json.GetProperty("bestEpochs").GetArrayLength());
        Assert.Equal(json.GetProperty("bestEpochs")[0].GetInt32(), json.GetProperty("bestEpoch").GetInt32());

        // The errors that train tells of the test rows are those of evaluate.
        string report = trained[(trained.IndexOf("test rows\n", StringComparison.Ordinal) + 10)..];
        Assert.Contains(report, CommandRun.Of("evaluate", _model, _table).AssertSucceeds().Output);

        double[][] predicted = [.. CommandRun.Of("predict", _model, _table).AssertSucceeds().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(line => Array.ConvertAll(line.Split(','), field => double.Parse(field, CultureInfo.InvariantCulture)))];
        Assert.Equal(500, predicted.Length);
        Assert.All(predicted, row => Assert.True(row.Length == 2 && row[1] > 0));
        string onnx = _folder.PathOf("m.onnx");
        Assert.Equal($"wrote {onnx}: 3 of [8, 16, 8, 1] relu\n", CommandRun.Of("export", _model, "--onnx", onnx).AssertSucceeds().Output.ReplaceLineEndings("\n"));
        float[] inputs = [.. File.ReadAllLines(_table).Skip(1).SelectMany(line => line.Split(',')[1..9].Select(field => float.Parse(field, CultureInfo.InvariantCulture)))];
        using var session = new InferenceSession(onnx);
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(inputs, [predicted.Length, 8]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, ["inputs"], [value], ["values", "uncertainty"]);
        for (int row = 0; row < predicted.Length; row++)
        {
            // As in the export of one network: some 60 roundings of 2^-24 in a row, of labels and sums below 200.
            Assert.Equal(predicted[row][0], results[0].GetTensorDataAsSpan<float>()[row], 60 * 200 / (double)(1 << 24));
            Assert.Equal(predicted[row][1], results[1].GetTensorDataAsSpan<float>()[row], 60 * 200 / (double)(1 << 24));
        }
    }

    [Fact]
    public void ModelsOfOneNetworkSayNothingOfNetworks()
    {
        CommandRun.Of([.. _train[..^4], "--out", _model]).AssertSucceeds();
        string header = File.ReadAllText(_model);
        Assert.DoesNotContain("networks", header[..header.LastIndexOf('}')]);
        Assert.Equal(1, JsonDocument.Parse(CommandRun.Of("inspect", _model, "--json").AssertSucceeds().Output).RootElement.GetProperty("networks").GetInt32());
    }

    [Fact]
    public void CompareTrainsEnsemblesLikeAnyMethod()
    {
        string[] compare = ["compare", _table, "--target", "y", "--bins", SampleTable.Bins, "--hidden", "16,8", "--epochs", "5", "--batch", "64", "--seeds", "2", "--json"];
        JsonElement Methods(string methods, string threads) =>
            JsonDocument.Parse(CommandRun.Of([.. compare, "--methods", methods, "--threads", threads]).AssertSucceeds().Output).RootElement.GetProperty("methods");
        JsonElement one = Methods("vanilla,ensemble:3", "1"), two = Methods("vanilla,ensemble:3", "2");
        Assert.Equal("ensemble:3", one[1].GetProperty("name").GetString());
        Assert.Equal(one[1].GetProperty("overall").GetRawText(), two[1].GetProperty("overall").GetRawText());
        Assert.NotEqual(one[0].GetProperty("overall").GetRawText(), one[1].GetProperty("overall").GetRawText());

        // The first network of each ensemble is the plain one of its seed.
        Assert.Equal(one[0].GetProperty("bestEpoch").GetRawText(), one[1].GetProperty("bestEpoch").GetRawText());
    }
}
