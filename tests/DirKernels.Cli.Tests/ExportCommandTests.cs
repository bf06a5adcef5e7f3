using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>A trained model as ONNX predicts from the numbers of the table what predict does.</summary>
public sealed class ExportCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _csv = string.Join('\n', SampleTable.Csv(300).TrimEnd('\n').Split('\n').Select((line, i) => $"{line},{(i == 0 ? "kind" : "abc"[i % 3])}")) + "\n";
    private readonly string _table;
    private readonly string _model;

    public ExportCommandTests()
    {
        _table = _folder.Write("t.csv", _csv);
        _model = _folder.PathOf("m.dir");
        CommandRun.Of("train", _table, "--target", "y", "--bins", SampleTable.Bins, "--hidden", "16,8", "--epochs", "20", "--batch", "16", "--out", _model).AssertSucceeds();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheGraphHoldsTheScalingOfInputsAndLabels()
    {
        string onnx = _folder.PathOf("m.onnx");
        Assert.Equal($"wrote {onnx}: [11, 16, 8, 1] relu\n", CommandRun.Of("export", _model, "--onnx", onnx).AssertSucceeds().Output.ReplaceLineEndings("\n"));
        Assert.Equal(["m.dir", "m.onnx", "t.csv"], _folder.FileNames);
        string[] predicted = CommandRun.Of("predict", _model, _table).AssertSucceeds().Output.TrimEnd('\n').Split('\n')[1..];
        double[] expected = [.. predicted.Select(line => double.Parse(line, CultureInfo.InvariantCulture))];

        // split, x1..x8, y, kind: the eight numbers as they stand, then one input for each of a, b, c.
        float[] inputs = [.. _csv.TrimEnd('\n').Split('\n').Skip(1).SelectMany(line =>
        {
            string[] fields = line.Split(',');
            float[] kinds = [.. "abc".Select(kind => fields[10] == kind.ToString() ? 1f : 0f)];
            return fields[1..9].Select(field => float.Parse(field, CultureInfo.InvariantCulture)).Concat(kinds);
        })];
        using var session = new InferenceSession(onnx);
        Assert.Equal("y", session.ModelMetadata.CustomMetadataMap["target"]);
        Assert.Contains("\"categories\":[\"a\",\"b\",\"c\"]", session.ModelMetadata.CustomMetadataMap["columns"]);
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(inputs, [expected.Length, 11]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, ["inputs"], [value], ["values"]);
        float[] values = results[0].GetTensorDataAsSpan<float>().ToArray();

        // Three products of at most 16 terms: some 60 roundings of 2^-24 in a row, of labels and sums below 200.
        Assert.Equal(expected, values.Select(v => (double)v), (a, b) => Math.Abs(a - b) < 60 * 200 / (double)(1 << 24));
        Assert.True(expected.Max() - expected.Min() > 1, "the predictions hardly differ");
    }

    [Fact]
    public void WrongCommandsAndFilesAreNamed()
    {
        string onnx = _folder.PathOf("m.onnx");
        CommandRun.Of("export", _model).AssertFails(ExitCode.Usage, "--onnx");
        CommandRun.Of("export", _model, "--onnx", "").AssertFails(ExitCode.Usage, "--onnx: the name of the file is empty");
        CommandRun.Of("export", _model, "--onnx", _model).AssertFails(ExitCode.Usage, "m.dir is the model that is read");
        CommandRun.Of("export", _table, "--onnx", onnx).AssertFails(ExitCode.BadData, "t.csv: safetensors: ");
        CommandRun.Of("export", _folder.PathOf("no.dir"), "--onnx", onnx).AssertFails(ExitCode.BadData, "no.dir: there is no such file");
        CommandRun.Of("export", _model, "--onnx", _folder.PathOf("no/m.onnx")).AssertFails(ExitCode.BadData, "its folder does not exist");
        Assert.Equal(["m.dir", "t.csv"], _folder.FileNames);
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full on this system");
        CommandRun.Of("export", _model, "--onnx", "/dev/full").AssertFails(ExitCode.Failure, "No space left on device");
    }
}
