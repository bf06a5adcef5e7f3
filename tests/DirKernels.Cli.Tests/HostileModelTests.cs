using DirKernels.Networks;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>Model files and checkpoints changed at random: each is a model that predicts, or one sentence; memory is bounded by the file.</summary>
public sealed class HostileModelTests : IDisposable
{
    private const int FilesOfEach = 25_000;

    // What a reader may allocate for each byte of a file, and besides: texts, copies of tensors in their own types, the network and its buffers for 1,024 rows.
    private const long MemoryPerByte = 64, MemoryBesides = 4 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, "--method", "lds+fds", "--covariance", "full")]
    [InlineData(null, "--method", "uvote", "--batch-norm", "--dropout", "0.1")]
    [InlineData(null, "--method", "ensemble:3+laplace", "--batch-norm")]
    [InlineData(2, "--method", "lds+fds", "--covariance", "block:3", "--batch-norm")]
    [InlineData(2, "--method", "bni+transport", "--sigma-rate", "0.01")]
    [InlineData(5, "--method", "ensemble:2+lds+fds")] // behind the first network's three
    public void EveryChangedFileIsAModelOrASentence(int? stoppedAfter, params string[] options)
    {
        string[] args =
        [
            "train", _folder.Write("t.csv", SampleTable.Csv(200)), "--target", "y", "--bins", SampleTable.Bins, "--hidden", "6,4", "--epochs", "3", "--batch", "32", "--out", _folder.PathOf("m.dir"), .. options,
        ];
        if (stoppedAfter is { } epoch)
        {
            CommandRun.StoppedAfterEpoch(epoch, args).AssertFails(ExitCode.Cancelled, "stopped");
        }
        else
        {
            CommandRun.Of(args).AssertSucceeds();
        }

        byte[] original = File.ReadAllBytes(_folder.PathOf(stoppedAfter is null ? "m.dir" : "m.dir.checkpoint"));
        Use(original);
        var mutation = new ModelMutation(FilesOfEach + options.Length);
        long most = 0;
        int models = 0;
        for (int i = 0; i < FilesOfEach; i++)
        {
            byte[] changed = mutation.Of(original);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Use(changed);
                models++;
            }
            catch (InvalidDataException problem)
            {
                Assert.False(string.IsNullOrWhiteSpace(problem.Message));
                Assert.True(problem.Message.Length < 600, problem.Message);
            }
            catch (Exception unexpected)
            {
                string path = Path.Combine(Path.GetTempPath(), $"hostile-{i}.dir");
                File.WriteAllBytes(path, changed);
                Assert.Fail($"file {i}, kept as {path}: {unexpected}");
            }

            long used = GC.GetAllocatedBytesForCurrentThread() - before;
            most = Math.Max(most, used);
            Assert.True(used <= MemoryPerByte * changed.Length + MemoryBesides, $"file {i} of {changed.Length} bytes took {used}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{FilesOfEach} files: {models} models, the others refused; at most {most} bytes allocated for one of {original.Length}");
        Assert.InRange(models, 1, FilesOfEach / 2);
    }

    /// <summary>All that a reader does with a file: the model, what the command keeps in it, and a prediction.</summary>
    private static void Use(byte[] file)
    {
        ModelSnapshot snapshot = ModelFile.Read(new MemoryStream(file, writable: false));
        ModelMetadata metadata = ModelMetadata.Of(snapshot.Metadata);
        Assert.NotNull(metadata.Determining);
        using Predictor predictor = snapshot.ToPredictor();
        var values = new double[2 * snapshot.Shape.Targets];
        predictor.Predict(new float[2 * snapshot.Shape.Inputs], values);
    }
}
