using System.Globalization;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>Files that the first schema of model files left, without checksums, are still models and checkpoints.</summary>
public sealed class OlderModelTests : IDisposable
{
    private static readonly string _files = Path.Combine(AppContext.BaseDirectory, "Schema1");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AModelPredictsWhatItDid()
    {
        CommandRun run = CommandRun.Of("predict", Path.Combine(_files, "model.dirk"), Path.Combine(_files, "table.csv")).AssertSucceeds();
        string[] expected = File.ReadAllLines(Path.Combine(_files, "predictions.csv")), actual = run.Output.TrimEnd('\n').Split('\n');
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 1; i < expected.Length; i++)
        {
            // Sums of eight and four products in single precision, in the order of another processor.
            double then = double.Parse(expected[i], CultureInfo.InvariantCulture), now = double.Parse(actual[i], CultureInfo.InvariantCulture);
            Assert.True(Math.Abs(then - now) <= 1e-4 * (1 + Math.Abs(then)), $"row {i}: {then} then, {now} now");
        }
    }

    [Fact]
    public void ACheckpointGoesOnAndBecomesTheNewestSchema()
    {
        string model = _folder.PathOf("model.dirk");
        File.Copy(Path.Combine(_files, "model.dirk.checkpoint"), model + ".checkpoint");
        CommandRun.Of(
            "train", Path.Combine(_files, "table.csv"), "--target", "y", "--bins", "0,5,16", "--method", "lds+fds", "--covariance", "full", "--hidden", "8,4", "--epochs", "400", "--batch", "8",
            "--out", model, "--resume").AssertSucceeds();
        using FileStream stream = File.OpenRead(model);
        Networks.SafeTensorsFile file = Networks.SafeTensorsFile.Read(stream);
        Assert.Contains("\"schema\":2,", file.Metadata["dirkernels.model"]);
        Assert.Matches("^[0-9a-f]{8}$", file.Metadata["dirkernels.checksum"]);
    }
}
