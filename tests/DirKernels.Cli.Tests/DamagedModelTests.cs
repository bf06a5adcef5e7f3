using System.Text;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>Files that are no model, or none any more.</summary>
public sealed class DamagedModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _table;
    private readonly string _model;
    private readonly byte[] _bytes;

    public DamagedModelTests()
    {
        _table = _folder.Write("t.csv", SampleTable.Csv(200));
        _model = _folder.PathOf("m.dir");
        CommandRun.Of("train", _table, "--target", "y", "--bins", SampleTable.Bins, "--method", "lds+fds", "--hidden", "4", "--epochs", "2", "--out", _model).AssertSucceeds();
        _bytes = File.ReadAllBytes(_model);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ForeignFilesAreNamed()
    {
        foreach (string command in new[] { "evaluate", "predict" })
        {
            CommandRun.Of(command, _table, _table).AssertFails(ExitCode.BadData, "t.csv: safetensors: ");
            CommandRun.Of(command, _folder.PathOf("no.dir"), _table).AssertFails(ExitCode.BadData, "no.dir: there is no such file");
            CommandRun.Of(command, _folder.PathOf(""), _table).AssertFails(ExitCode.BadData, "this is a folder, not a model file");
            CommandRun.Of(command, _folder.Write("e.dir", ""), _table).AssertFails(ExitCode.BadData, "e.dir: safetensors: the file has 0 bytes");
        }

        CommandRun.Of("inspect", _table).AssertFails(ExitCode.BadData, "t.csv: safetensors: ");
        var foreign = new Networks.SafeTensorsFile();
        foreign.Add("weights", [1f, 2f]);
        Write("f.dir", foreign);
        CommandRun.Of("inspect", _folder.PathOf("f.dir")).AssertFails(ExitCode.BadData, "f.dir: no model file: its metadata have no entry 'dirkernels.model'");
    }

    [Fact]
    public void EveryCutOffFileIsNamed()
    {
        for (int length = 0; length < _bytes.Length; length += length < 32 ? 1 : 37)
        {
            File.WriteAllBytes(_model, _bytes[..length]);
            CommandRun.Of("inspect", _model).AssertFails(ExitCode.BadData, "m.dir: ");
        }

        CommandRun.Of("predict", _model, _table, "--out", _folder.PathOf("p.csv")).AssertFails(ExitCode.BadData, "m.dir: ");
        Assert.Equal(["m.dir", "t.csv"], _folder.FileNames);
    }

    [Fact]
    public void AChangedHeaderIsAModelOrAOneLineError()
    {
        int header = (int)BitConverter.ToUInt64(_bytes);
        var random = new Random(5);
        for (int trial = 0; trial < 1500; trial++)
        {
            byte[] changed = [.. _bytes];
            changed[random.Next(8 + header)] = (byte)random.Next(32, 127);
            File.WriteAllBytes(_model, changed);
            CommandRun run = CommandRun.Of("predict", _model, _table);
            if (run.ExitCode != ExitCode.Success)
            {
                run.AssertFails(ExitCode.BadData, "");
            }
        }
    }

    [Fact]
    public void TheChecksumIsTheDocumentedOne()
    {
        Networks.SafeTensorsFile file = Networks.SafeTensorsFile.Read(_bytes);
        Assert.Equal(SealedModel.Checksum(file), file.Metadata["dirkernels.checksum"]);
    }

    [Fact]
    public void EveryChangedBitIsFound()
    {
        int header = (int)BitConverter.ToUInt64(_bytes);
        for (int at = 8 + header; at < _bytes.Length; at++)
        {
            byte[] changed = [.. _bytes];
            changed[at] ^= (byte)(1 << at % 8);
            InvalidDataException found = Assert.Throws<InvalidDataException>(() => Networks.ModelFile.Read(new MemoryStream(changed)));
            Assert.StartsWith("the file is damaged: the checksum of its contents is ", found.Message);
        }
    }

    [Fact]
    public void NumbersThatWereLostAreNotPredictedWith()
    {
        byte[] changed = [.. _bytes];
        int header = (int)BitConverter.ToUInt64(_bytes);
        changed.AsSpan(8 + header).Fill(0xFF);
        File.WriteAllBytes(_model, SealedModel.Seal(Networks.SafeTensorsFile.Read(changed)));
        CommandRun.Of("predict", _model, _table).AssertFails(ExitCode.BadData, "m.dir: ");
    }

    [Theory]
    [InlineData("\\\"schema\\\":2,", "\\\"schema\\\":3,", "the model file has schema 3; this version reads schemas 1 to 2")]
    [InlineData("\"target\":\"y\"", "\"tarqet\":\"y\"", "the model was not trained by this command: its metadata have no entry 'target'")]
    [InlineData("\\\"columns\\\":[", "\\\"kolumns\\\":[", "the model's entry 'columns' is damaged: ")]
    [InlineData("\\\"name\\\":\\\"x2\\\"", "\\\"name\\\":\\\"x1\\\"", "the model's entry 'columns' is damaged: an encoder needs columns with different names")]
    [InlineData("\\\"bestEpoch\\\":\\\"", "\\\"bestEpoch\\\":\\\"x", null)]
    public void EntriesThatAreNotWhatTheyShouldBeAreNamed(string from, string to, string? message)
    {
        int header = (int)BitConverter.ToUInt64(_bytes);
        string text = Encoding.UTF8.GetString(_bytes, 8, header).Replace("\\u0022", "\\\"");
        Assert.Contains(from, text);
        byte[] changed = Encoding.UTF8.GetBytes(text.Replace(from, to));
        byte[] file = [.. BitConverter.GetBytes((ulong)changed.Length), .. changed, .. _bytes[(8 + header)..]];
        File.WriteAllBytes(_model, file);
        CommandRun.Of("inspect", _model).AssertFails(ExitCode.BadData, from.Contains("schema") ? "has schema 3" : "the file is damaged: the checksum of its contents is ");

        // With the checksum of what is there now, what is behind it must find the fault.
        File.WriteAllBytes(_model, SealedModel.Seal(Networks.SafeTensorsFile.Read(file)));
        CommandRun.Of("inspect", _model).AssertFails(ExitCode.BadData, $"m.dir: {message ?? "the model's entry 'result' is damaged: "}");
    }

    [Theory]
    [InlineData("\\\"networks\\\":2", "\\\"networks\\\":3", "networks.2.")]
    [InlineData("\\\"networks\\\":2", "\\\"networks\\\":1", "the model describes 1 networks but holds more")]
    [InlineData("\\\"networks\\\":2", "\\\"networks\\\":0", "the model describes 0 networks")]
    [InlineData("\\\"networks\\\":2", "\\\"networks\\\":2000000000", "the model describes 2000000000 networks")]
    [InlineData("\\\"networks\\\":2", "\\\"networks\\\":\\\"2\\\"", "the description of the model is damaged: ")]
    [InlineData("\\\"networks\\\":2", "\\\"netvorks\\\":2", "the model describes 1 networks but holds more")]
    [InlineData("\\\"schema\\\":2", "\\\"schema\\\":1", "the model describes 1 networks but holds more")]
    [InlineData("networks.1.head.bias", "networks.1.head.bios", "networks.1.head.bias")]
    public void AnEnsembleThatIsNotWhatItSaysIsNamed(string from, string to, string message)
    {
        CommandRun.Of("train", _table, "--target", "y", "--bins", SampleTable.Bins, "--method", "ensemble:2+lds", "--hidden", "4", "--epochs", "2", "--out", _model).AssertSucceeds();
        byte[] bytes = File.ReadAllBytes(_model);
        int header = (int)BitConverter.ToUInt64(bytes);
        string text = Encoding.UTF8.GetString(bytes, 8, header).Replace("\\u0022", "\\\"");
        Assert.Contains(from, text);
        byte[] changed = Encoding.UTF8.GetBytes(text.Replace(from, to));
        byte[] file = [.. BitConverter.GetBytes((ulong)changed.Length), .. changed, .. bytes[(8 + header)..]];
        File.WriteAllBytes(_model, SealedModel.Seal(Networks.SafeTensorsFile.Read(file)));
        foreach (string[] command in new string[][] { ["inspect", _model], ["predict", _model, _table], ["export", _model, "--onnx", _folder.PathOf("m.onnx")] })
        {
            CommandRun run = CommandRun.Of(command);
            run.AssertFails(ExitCode.BadData, "m.dir: ");
            Assert.Contains(message, run.Error);
        }

        Assert.Equal(["m.dir", "t.csv"], _folder.FileNames);
    }

    private void Write(string name, Networks.SafeTensorsFile file)
    {
        using FileStream stream = File.Create(_folder.PathOf(name));
        file.Write(stream);
    }
}
