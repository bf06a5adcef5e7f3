using System.Globalization;
using Xunit;

namespace DirKernels.Native.Tests;

/// <summary>The command for arm64, by a cross compiler and on a simulated processor, predicts what the managed one does up to rounding.</summary>
public sealed class ArmCommandTests : IDisposable
{
    private const string Libraries = "/usr/aarch64-linux-gnu";

    private readonly string _folder = Directory.CreateTempSubdirectory("dirkernels-arm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void PredictsLikeTheManagedCommand()
    {
        Assert.SkipUnless(ProgramRun.Exists("qemu-aarch64"), "there is no qemu-aarch64");
        string folder = Environment.GetEnvironmentVariable("DIRKERNELS_NATIVE") ?? "";
        if (folder.Length == 0)
        {
            Assert.SkipUnless(ProgramRun.Exists("aarch64-linux-gnu-gcc") && Directory.Exists(Libraries), "there is no cross compiler for arm64");
            NativeBuild.Publish(folder = _folder, "command", "arm64");
        }

        string command = Path.Combine(folder, "linux-arm64", "bin", "dirkernels"), model = Path.Combine(_folder, "a.model"), table = SampleRows.Write(_folder);
        Assert.SkipUnless(File.Exists(command), $"{command} was not built");
        string managed = CommandBuild.ManagedCommand;
        Assert.SkipUnless(File.Exists(managed), $"the managed command is not built: {managed}");
        ProgramRun.Of("dotnet", [managed, "train", table, "--target", "y", "--hidden", "24,12", "--epochs", "6", "--batch", "32", "--out", model]).Succeeded();
        double[] expected = Values(ProgramRun.Of("dotnet", [managed, "predict", model, table])), values = Values(ProgramRun.Of("qemu-aarch64", ["-L", Libraries, command, "predict", model, table]));

        // Three products of at most 24 terms: some 60 roundings of 2^-24 in a row, of labels and sums below 100.
        Assert.Equal(expected, values, (a, b) => Math.Abs(a - b) < 60 * 100 / (double)(1 << 24));
        Assert.True(expected.Max() - expected.Min() > 1, "the predictions hardly differ");
    }

    private static double[] Values(ProgramRun run) =>
        [.. run.Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
}
