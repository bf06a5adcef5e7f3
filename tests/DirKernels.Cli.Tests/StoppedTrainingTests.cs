using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>Ctrl-C during training, and going on.</summary>
public sealed class StoppedTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _table;
    private readonly string[] _train;

    public StoppedTrainingTests()
    {
        _table = _folder.Write("t.csv", SampleTable.Csv());
        _train = ["train", _table, "--target", "y", "--bins", SampleTable.Bins, "--hidden", "16,8", "--epochs", "6", "--batch", "64", "--out", _folder.PathOf("m.dir")];
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3, "--method", "lds+fds", "--covariance", "full")]
    [InlineData(5, "--method", "fds", "--fds-momentum", "none", "--empty-bins", "fill")]
    [InlineData(4, "--batch-norm", "--dropout", "0.3", "--optimizer", "sgd")]
    [InlineData(6, "--method", "lds+rrt")]
    [InlineData(7, "--method", "rrt+fds", "--covariance", "block:4")]
    [InlineData(3, "--patience", "2", "--lr", "0.05")]
    public void GoesOnToTheSameBits(int epoch, params string[] options)
    {
        CommandRun expected = CommandRun.Of([.. _train[..^2], .. options, "--out", _folder.PathOf("whole.dir")]).AssertSucceeds();
        string[] args = [.. _train, .. options];
        int total = options.Contains("rrt+fds") || options.Contains("lds+rrt") ? 8 : 6;
        CommandRun.StoppedAfterEpoch(epoch, args).AssertFails(
            ExitCode.Cancelled, $"stopped after epoch {epoch} of {total}; {_folder.PathOf("m.dir.checkpoint")} keeps the state for --resume");
        Assert.Equal(["m.dir.checkpoint", "t.csv", "whole.dir"], _folder.FileNames);
        Assert.Contains($"after epoch {epoch}, to be resumed", CommandRun.Of("inspect", _folder.PathOf("m.dir.checkpoint")).AssertSucceeds().Output);

        CommandRun resumed = CommandRun.Of([.. args, "--resume"]).AssertSucceeds();
        Assert.Equal(expected.Output.Replace("whole.dir", "m.dir"), resumed.Output);
        Assert.Equal(File.ReadAllBytes(_folder.PathOf("whole.dir")), File.ReadAllBytes(_folder.PathOf("m.dir")));
        Assert.Equal(["m.dir", "t.csv", "whole.dir"], _folder.FileNames);
    }

    /// <summary>Within the first network of an ensemble, when it has just ended, and within the last.</summary>
    [Theory]
    [InlineData(4, "after epoch 4")]
    [InlineData(6, "after epoch 6")]
    [InlineData(7, "after epoch 1 of network 2")]
    [InlineData(17, "after epoch 5 of network 3")]
    public void AnEnsembleGoesOnToTheSameBits(int epoch, string position)
    {
        string[] args = [.. _train, "--method", "ensemble:3+lds+fds+ro", "--relevance-threshold", "0.5"];
        CommandRun expected = CommandRun.Of([.. _train[..^2], .. args[_train.Length..], "--out", _folder.PathOf("whole.dir")]).AssertSucceeds();
        CommandRun.StoppedAfterEpoch(epoch, args).AssertFails(
            ExitCode.Cancelled, $"stopped after epoch {epoch} of 18; {_folder.PathOf("m.dir.checkpoint")} keeps the state for --resume");
        Assert.Contains($"{position}, to be resumed", CommandRun.Of("inspect", _folder.PathOf("m.dir.checkpoint")).AssertSucceeds().Output);
        CommandRun.Of([.. _train, "--method", "ensemble:2+lds+fds+ro", "--relevance-threshold", "0.5", "--resume"])
            .AssertFails(ExitCode.BadData, "the checkpoint was made with method 'ensemble:3+lds+fds+ro', but now it is 'ensemble:2+lds+fds+ro'");

        CommandRun resumed = CommandRun.Of([.. args, "--resume", "--threads", "1"]).AssertSucceeds();
        Assert.Equal(expected.Output.Replace("whole.dir", "m.dir"), resumed.Output);
        Assert.Equal(File.ReadAllBytes(_folder.PathOf("whole.dir")), File.ReadAllBytes(_folder.PathOf("m.dir")));
    }

    [Fact]
    public void CanBeStoppedAgainAndOnOtherThreads()
    {
        CommandRun.Of([.. _train[..^1], _folder.PathOf("whole.dir")]).AssertSucceeds();
        CommandRun.StoppedAfterEpoch(2, _train).AssertFails(ExitCode.Cancelled, "stopped after epoch 2 of 6");
        CommandRun.StoppedAfterEpoch(4, [.. _train, "--resume", "--threads", "1"]).AssertFails(ExitCode.Cancelled, "stopped after epoch 4 of 6");
        CommandRun.Of("", new CancellationToken(canceled: true), [.. _train, "--resume"]).AssertFails(ExitCode.Cancelled, "stopped");
        CommandRun.Of([.. _train, "--resume", "--threads", "2", "--json"]).AssertSucceeds();
        Assert.Equal(File.ReadAllBytes(_folder.PathOf("whole.dir")), File.ReadAllBytes(_folder.PathOf("m.dir")));
    }

    [Fact]
    public void WhatACutOffEpochHadChangedIsTakenBack()
    {
        // Many small batches: the stop falls between two of them.
        string table = _folder.Write("long.csv", SampleTable.Csv(4000));
        string[] args = ["train", table, "--target", "y", "--bins", SampleTable.Bins, "--epochs", "12", "--batch", "8", "--method", "lds+fds", "--batch-norm", "--hidden", "32"];
        CommandRun.Of([.. args, "--out", _folder.PathOf("whole.dir")]).AssertSucceeds();
        string[] stopped = [.. args, "--out", _folder.PathOf("m.dir")];
        CommandRun.StoppedAfterEpoch(2, delayMilliseconds: 20, stopped).AssertFails(ExitCode.Cancelled, "stopped after epoch ");
        CommandRun.Of([.. stopped, "--resume"]).AssertSucceeds();
        Assert.Equal(File.ReadAllBytes(_folder.PathOf("whole.dir")), File.ReadAllBytes(_folder.PathOf("m.dir")));
    }

    [Fact]
    public void StoppingBeforeThereIsAnythingToKeepLeavesNoFile()
    {
        CommandRun.Of("", new CancellationToken(canceled: true), _train).AssertFails(ExitCode.Cancelled, "stopped");
        Assert.Equal(["t.csv"], _folder.FileNames);
    }

    [Fact]
    public void AnOldModelSurvivesAStop()
    {
        _folder.Write("m.dir", "old");
        CommandRun.StoppedAfterEpoch(2, _train).AssertFails(ExitCode.Cancelled, "stopped after epoch 2");
        Assert.Equal("old", File.ReadAllText(_folder.PathOf("m.dir")));
    }

    [Theory]
    [InlineData("the checkpoint was made with method 'vanilla', but now it is 'lds'", "--method", "lds")]
    [InlineData("the checkpoint was made with epochs '6', but now it is '7'", "--epochs", "7")]
    [InlineData("the checkpoint was made with lr '0.001', but now it is '0.002'", "--lr", "0.002")]
    [InlineData("the checkpoint was made with seed '0', but now it is '1'", "--seed", "1")]
    [InlineData("the checkpoint was made with bins '0,5,20', but now it is '0,10,10'", "--bins", "0,10,10")]
    [InlineData("the checkpoint was made with target 'y', but now it is 'x1'", "--target", "x1")]
    public void OtherOptionsAreRefused(string message, string option, string value)
    {
        CommandRun.StoppedAfterEpoch(2, _train).AssertFails(ExitCode.Cancelled, "stopped");
        string[] others = Array.IndexOf(_train, option) is >= 0 and int at ? [.. _train[..at], .. _train[(at + 2)..]] : _train;
        CommandRun.Of([.. others, option, value, "--resume"]).AssertFails(ExitCode.BadData, "m.dir.checkpoint: " + message);
        Assert.Equal(["m.dir.checkpoint", "t.csv"], _folder.FileNames);
    }

    [Fact]
    public void OtherDataAreRefused()
    {
        CommandRun.StoppedAfterEpoch(2, _train).AssertFails(ExitCode.Cancelled, "stopped");
        string[] lines = SampleTable.Csv().Split('\n');
        int training = Array.FindIndex(lines, line => line.StartsWith("train"));
        _folder.Write("t.csv", string.Join('\n', lines.Where((_, i) => i != training)));
        CommandRun.Of([.. _train, "--resume"]).AssertFails(ExitCode.BadData, "the checkpoint was made with training rows '");
        lines[training] = lines[training][..^1] + (lines[training][^1] == '1' ? '2' : '1');
        _folder.Write("t.csv", string.Join('\n', lines));
        CommandRun.Of([.. _train, "--resume"]).AssertFails(ExitCode.BadData, "the checkpoint was made with data fingerprint '");
    }

    [Fact]
    public void ResumingNeedsACheckpoint()
    {
        CommandRun.Of([.. _train, "--resume"]).AssertFails(ExitCode.BadData, "m.dir.checkpoint: there is no checkpoint to resume from");
        CommandRun.Of(_train).AssertSucceeds();
        File.Copy(_folder.PathOf("m.dir"), _folder.PathOf("m.dir.checkpoint"));
        CommandRun.Of([.. _train, "--resume"]).AssertFails(ExitCode.BadData, "m.dir.checkpoint: this is a finished model, not a checkpoint");
        _folder.Write("m.dir.checkpoint", "not a model");
        CommandRun.Of([.. _train, "--resume"]).AssertFails(ExitCode.BadData, "m.dir.checkpoint: ");
    }
}
