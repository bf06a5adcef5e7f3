using Xunit;

namespace DirKernels.Native.Tests;

/// <summary>The command compiled ahead of time does what the managed one does on the same instruction set, to the bit.</summary>
public sealed class CommandTests(CommandBuild build) : IClassFixture<CommandBuild>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dirkernels-command-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("lds+fds", "relu")]
    [InlineData("uvote", "gelu")]
    public void ModelsAndPredictionsAreThoseOfTheManagedCommand(string method, string activation)
    {
        build.SkipUnlessBuilt();
        string table = SampleRows.Write(_folder);
        string[] outputs = new string[2], models = new string[2];
        for (int which = 0; which < 2; which++)
        {
            models[which] = Path.Combine(_folder, $"{which}.model");
            string[] train = ["train", table, "--target", "y", "--method", method, "--activation", activation, "--hidden", "24,12", "--epochs", "6", "--batch", "32", "--out", models[which]];
            Run(which == 0, train);
            outputs[which] = Run(which == 0, ["predict", models[which], table]);
        }

        Assert.Equal(File.ReadAllBytes(models[0]), File.ReadAllBytes(models[1]));
        Assert.Equal(outputs[0], outputs[1]);
        Assert.Equal(401, outputs[1].Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void MessagesAndExitCodesAreThoseOfTheManagedCommand()
    {
        build.SkipUnlessBuilt();
        string[][] commands = [["predict", Path.Combine(_folder, "no.model"), "x.csv"], ["train"], ["train", SampleRows.Write(_folder), "--target", "z", "--out", Path.Combine(_folder, "m")], ["export", SampleRows.Write(_folder), "--onnx", "/nowhere/x"]];
        foreach (string[] arguments in commands)
        {
            ProgramRun managed = ProgramRun.Of("dotnet", [CommandBuild.ManagedCommand, .. arguments]), native = ProgramRun.Of(build.Command, arguments);
            Assert.NotEqual(0, native.ExitCode);
            Assert.Equal(managed, native);
        }
    }

    [Fact]
    public void TheLauncherSaysWhenThereIsNoBuild()
    {
        build.SkipUnlessBuilt();
        string alone = Path.Combine(_folder, "dirkernels");
        File.Copy(build.Command, alone);
        ProgramRun run = ProgramRun.Of(alone, ["--version"]);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"dirkernels: there is no build for this processor in {_folder}: ", run.Error, StringComparison.Ordinal);
    }

    private string Run(bool isManaged, string[] arguments) =>
        (isManaged ? ProgramRun.Of("dotnet", [CommandBuild.ManagedCommand, .. arguments]) : ProgramRun.Of(build.Command, arguments)).Succeeded();
}
