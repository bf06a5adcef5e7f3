using System.Diagnostics;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>Training that is killed without warning, again and again, reaches the bits of training that nobody disturbed.</summary>
public sealed class KilledTrainingTests : IDisposable
{
    private const int Kills = 50;

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;
    private readonly string _states;
    private readonly string[] _train;

    public KilledTrainingTests()
    {
        _model = _folder.PathOf("m.dir");
        _states = _folder.PathOf("states");
        string table = _folder.Write("t.csv", SampleTable.Csv(2000));
        _train =
        [
            "train", table, "--target", "y", "--bins", SampleTable.Bins, "--method", "lds+fds", "--covariance", "full", "--hidden", "32,16", "--batch-norm", "--dropout", "0.1",
            "--epochs", "400", "--batch", "64", "--out",
        ];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EveryResumeReachesTheSameBits()
    {
        string whole = _folder.PathOf("whole.dir");
        CommandRun.Of([.. _train, whole]).AssertSucceeds();
        byte[] expected = File.ReadAllBytes(whole);
        string[] args = [.. _train, _model, "--checkpoint", _states, "--every", "2", "--resume"];
        var random = new Random(11);
        int kills = 0, finished = 0;
        while (kills < Kills)
        {
            if (KilledWithin(random.Next(100, 900), [.. args, "--threads", $"{1 + kills % 2}"]))
            {
                kills++;
                AssertAllStatesLoad();
            }
            else
            {
                finished++;
                Assert.Equal(expected, File.ReadAllBytes(_model));
                File.Delete(_model);
            }
        }

        CommandRun.Of(args).AssertSucceeds();
        Assert.Equal(expected, File.ReadAllBytes(_model));
        Assert.Empty(Directory.GetFiles(_states));
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills, {finished + 1} runs came to their end");
    }

    private void AssertAllStatesLoad()
    {
        if (Directory.Exists(_states))
        {
            foreach (string state in Directory.GetFiles(_states, "*.checkpoint"))
            {
                Assert.NotNull(TrainedModel.Read(state).Snapshot.Checkpoint);
            }
        }
    }

    /// <summary>Runs the command as a process of its own and kills it after some time.</summary>
    /// <returns>Whether it was killed; false when it had come to its end before.</returns>
    private static bool KilledWithin(int milliseconds, string[] args)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (IEnumerable<string>)["exec", Path.Combine(AppContext.BaseDirectory, "dirkernels-cli.dll"), .. args])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        bool ended = process.WaitForExit(milliseconds);
        if (!ended)
        {
            process.Kill();
        }

        process.WaitForExit();
        Task.WaitAll(output, error);
        Assert.Equal("", error.Result);
        Assert.Equal(ended ? ExitCode.Success : 128 + 9, process.ExitCode);
        return !ended;
    }
}
