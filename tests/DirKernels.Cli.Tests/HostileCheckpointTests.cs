using DirKernels.Networks;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>Checkpoints with the right checksum and numbers that no run leaves: <c>--resume</c> says which, and does not train.</summary>
public sealed class HostileCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _checkpoint;
    private string[] _train = [];

    public HostileCheckpointTests()
    {
        _checkpoint = _folder.PathOf("m.dir.checkpoint");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("checkpoint.features.runningCovariances", 0, -1f, "the running covariance of bin 0 is not positive semidefinite")]
    [InlineData("checkpoint.features.runningCovariances", 5, 1e6f, "the running covariance of bin 0 is not positive semidefinite")]
    [InlineData("checkpoint.features.smoothedCovariances", 31, float.NaN, "the smoothed covariance of bin 1 is not positive semidefinite")]
    [InlineData("checkpoint.features.runningMeans", 7, float.PositiveInfinity, "the running means of bin 1 hold a number that is not finite")]
    [InlineData("checkpoint.secondMoments.layers.0.weight", 3, -1f, "the checkpoint holds a state of the optimiser that cannot be")]
    [InlineData("checkpoint.firstMoments.layers.0.weight", 3, float.NaN, "holds a number that is not finite")]
    [InlineData("checkpoint.parameters.layers.0.weight", 3, float.NaN, "tensor 'checkpoint.parameters.layers.0.weight' holds a number that is not finite")]
    [InlineData("checkpoint.normalization", 6, -1f, "tensor 'checkpoint.normalization' holds a number that is no mean or variance")]
    public void NumbersThatCannotBeAreNamed(string tensor, int index, float value, string message)
    {
        Stop("fds");
        Change(tensor, index, BitConverter.GetBytes(value));
        CommandRun.Of([.. _train, "--resume"]).AssertFails(ExitCode.BadData, message);
        Assert.Equal(["m.dir.checkpoint", "t.csv"], _folder.FileNames);
    }

    [Theory]
    [InlineData("checkpoint.transport.means", 0, double.NaN, "the checkpoint holds means of bins for transport that cannot be")]
    [InlineData("checkpoint.transport.counts", 1, -4, "the checkpoint holds means of bins for transport that cannot be")]
    [InlineData("target.mean", 0, double.NaN, "target.mean or target.scale holds a number that cannot be")]
    [InlineData("target.scale", 0, -1, "target.mean or target.scale holds a number that cannot be")]
    [InlineData("bins.trainCounts", 2, -1, "bins.trainCounts holds a number that is no count")]
    public void WideNumbersThatCannotBeAreNamed(string tensor, int index, double value, string message)
    {
        Stop("transport");
        Change(tensor, index, BitConverter.GetBytes(value));
        CommandRun.Of([.. _train, "--resume"]).AssertFails(ExitCode.BadData, message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void CountsThatCannotBeAreNamed(long value)
    {
        Stop("fds");
        Change("checkpoint.features.lastCounts", 1, BitConverter.GetBytes(value));
        CommandRun.Of([.. _train, "--resume"]).AssertFails(ExitCode.BadData, "bin 1 of the feature statistics claims ");
    }

    [Fact]
    public void ACovarianceOfLowRankIsOne()
    {
        // All ones: every feature the same. A run of few rows or dead units leaves such matrices.
        Stop("fds");
        SafeTensorsFile file = SafeTensorsFile.Read(File.ReadAllBytes(_checkpoint));
        for (int i = 0; i < file.Get("checkpoint.features.runningCovariances").Count; i++)
        {
            Set(file, "checkpoint.features.runningCovariances", i, BitConverter.GetBytes(1f));
        }

        File.WriteAllBytes(_checkpoint, SealedModel.Seal(file));
        CommandRun.Of([.. _train, "--resume"]).AssertSucceeds();
    }

    private void Stop(string method)
    {
        _train =
        [
            "train", _folder.Write("t.csv", SampleTable.Csv(300)), "--target", "y", "--bins", SampleTable.Bins, "--method", method, "--covariance", "full", "--hidden", "5", "--epochs", "4", "--batch", "64",
            "--batch-norm", "--out", _folder.PathOf("m.dir"),
        ];
        CommandRun.StoppedAfterEpoch(2, _train).AssertFails(ExitCode.Cancelled, "stopped");
    }

    private void Change(string tensor, int index, byte[] value)
    {
        SafeTensorsFile file = SafeTensorsFile.Read(File.ReadAllBytes(_checkpoint));
        Set(file, tensor, index, value);
        File.WriteAllBytes(_checkpoint, SealedModel.Seal(file));
    }

    private static void Set(SafeTensorsFile file, string tensor, int index, byte[] value)
    {
        // The contents of a file that was read are its own memory; a writer of files can do the same.
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(file.Get(tensor).Data, out ArraySegment<byte> bytes));
        value.CopyTo(bytes.Array!, bytes.Offset + index * value.Length);
    }
}
