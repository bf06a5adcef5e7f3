using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary><c>train --checkpoint DIR --every N</c>.</summary>
public sealed class CheckpointFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _plain;
    private readonly string[] _train;

    public CheckpointFolderTests()
    {
        string table = _folder.Write("t.csv", SampleTable.Csv());
        _plain = ["train", table, "--target", "y", "--bins", SampleTable.Bins, "--hidden", "16,8", "--epochs", "7", "--batch", "64", "--method", "lds+fds"];
        _train = [.. _plain, "--out", _folder.PathOf("m.dir"), "--checkpoint", Checkpoints];
    }

    private string Checkpoints => _folder.PathOf("states");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 5, "epoch-000004.checkpoint", "epoch-000005.checkpoint")]
    [InlineData(2, 5, "epoch-000004.checkpoint", "epoch-000005.checkpoint")]
    [InlineData(2, 6, "epoch-000004.checkpoint", "epoch-000006.checkpoint")]
    [InlineData(3, 2, "epoch-000002.checkpoint")]
    [InlineData(100, 3, "epoch-000003.checkpoint")]
    public void TheTwoNewestStatesStayUntilTheModelIsWritten(int every, int stop, params string[] expected)
    {
        CommandRun.Of([.. _plain, "--out", _folder.PathOf("whole.dir")]).AssertSucceeds();
        string[] args = [.. _train, "--every", $"{every}"];
        CommandRun.StoppedAfterEpoch(stop, args).AssertFails(ExitCode.Cancelled, $"stopped after epoch {stop} of 7; {Checkpoints} keeps the state for --resume");
        Assert.Equal(expected, Files());

        CommandRun.Of([.. args, "--resume"]).AssertSucceeds();
        Assert.Empty(Files());
        Assert.Equal(File.ReadAllBytes(_folder.PathOf("whole.dir")), File.ReadAllBytes(_folder.PathOf("m.dir")));
    }

    [Fact]
    public void TheSameCommandStartsAndGoesOn()
    {
        CommandRun.StoppedAfterEpoch(3, [.. _train, "--resume"]).AssertFails(ExitCode.Cancelled, "stopped after epoch 3 of 7");
        CommandRun.Of([.. _train, "--resume"]).AssertSucceeds();
        byte[] resumed = File.ReadAllBytes(_folder.PathOf("m.dir"));
        CommandRun.Of([.. _train, "--resume"]).AssertSucceeds();
        Assert.Equal(resumed, File.ReadAllBytes(_folder.PathOf("m.dir")));
    }

    [Fact]
    public void ADamagedStateIsToldAndTheOneBeforeTaken()
    {
        CommandRun.Of([.. _plain, "--out", _folder.PathOf("whole.dir")]).AssertSucceeds();
        CommandRun.StoppedAfterEpoch(4, _train).AssertFails(ExitCode.Cancelled, "stopped");
        string newest = Path.Combine(Checkpoints, "epoch-000004.checkpoint");
        byte[] bytes = File.ReadAllBytes(newest);
        bytes[^5] ^= 16;
        File.WriteAllBytes(newest, bytes);
        CommandRun run = CommandRun.Of([.. _train, "--resume"]);
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith($"{newest}: the file is damaged: the checksum of its contents is ", run.Error);
        Assert.EndsWith("; going on from the one before\n", run.Error);
        Assert.Equal(File.ReadAllBytes(_folder.PathOf("whole.dir")), File.ReadAllBytes(_folder.PathOf("m.dir")));
    }

    [Fact]
    public void WithoutOneThatCanBeReadNothingIsTrained()
    {
        CommandRun.StoppedAfterEpoch(1, _train).AssertFails(ExitCode.Cancelled, "stopped");
        string only = Path.Combine(Checkpoints, "epoch-000001.checkpoint");
        File.WriteAllBytes(only, File.ReadAllBytes(only)[..^1]);
        CommandRun.Of([.. _train, "--resume"]).AssertFails(ExitCode.BadData, $"{only}: safetensors: ");
        Assert.Equal(["epoch-000001.checkpoint"], Files());
    }

    [Fact]
    public void StatesOfAnotherRunAreNotOverwritten()
    {
        CommandRun.StoppedAfterEpoch(2, _train).AssertFails(ExitCode.Cancelled, "stopped");
        CommandRun.Of(_train).AssertFails(ExitCode.Usage, "epoch-000002.checkpoint is of a run that has not come to its end; go on with --resume, or delete it to start anew");
        CommandRun.Of([.. _train, "--resume", "--lr", "0.5"]).AssertFails(ExitCode.BadData, "epoch-000002.checkpoint: the checkpoint was made with lr '0.001', but now it is '0.5'");
        Assert.Equal(["epoch-000001.checkpoint", "epoch-000002.checkpoint"], Files());
    }

    [Fact]
    public void UnfinishedFilesOfAKilledRunAreTakenAway()
    {
        Directory.CreateDirectory(Checkpoints);
        File.WriteAllText(Path.Combine(Checkpoints, "epoch-000003.checkpoint.123-abc.tmp"), "half");
        File.WriteAllText(Path.Combine(Checkpoints, "notes.txt"), "mine");
        File.WriteAllText(Path.Combine(Checkpoints, "epoch-best.checkpoint"), "mine too");
        CommandRun.Of([.. _train, "--resume"]).AssertSucceeds();
        Assert.Equal(["epoch-best.checkpoint", "notes.txt"], Files());
    }

    [Fact]
    public void WrongUseIsRefused()
    {
        CommandRun.Of([.. _plain, "--out", _folder.PathOf("m.dir"), "--every", "2"]).AssertFails(ExitCode.Usage, "--every: there is no --checkpoint to write");
        CommandRun.Of([.. _train, "--every", "0"]).AssertFails(ExitCode.Usage, "--every: must be 1 or more, but is 0");
        CommandRun.Of([.. _train[..^1], ""]).AssertFails(ExitCode.Usage, "--checkpoint: the name of the folder is empty");
        CommandRun.Of([.. _train[..^1], _folder.PathOf("t.csv")]).AssertFails(ExitCode.Usage, "t.csv is a file, not a folder");
        CommandRun.Of([.. _train[..^1], "/proc/none"]).AssertFails(ExitCode.BadData, "/proc/none");
    }

    private string[] Files() => [.. Directory.GetFiles(Checkpoints).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
