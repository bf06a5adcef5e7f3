using System.Runtime.InteropServices;
using Xunit;

namespace DirKernels.Native.Tests;

/// <summary>The command, compiled ahead of time by the script for the level whose results are those of this process; and the managed one of the ordinary build.</summary>
public sealed class CommandBuild : IDisposable
{
    private readonly string? _built;
    private readonly string? _problem;
    private readonly string _folder = "";

    public CommandBuild()
    {
        if (Environment.GetEnvironmentVariable("DIRKERNELS_NATIVE") is { Length: > 0 } given)
        {
            _folder = given;
        }
        else if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64 || !ProgramRun.Exists("gcc"))
        {
            _problem = "the command is built on Linux x64 with gcc only";
        }
        else
        {
            _folder = _built = Directory.CreateTempSubdirectory("dirkernels-command-").FullName;
            NativeBuild.Publish(_folder, "command", NativeBuild.MatchingLevel);
        }

        if (_problem is null && !File.Exists(ManagedCommand))
        {
            _problem = $"the managed command is not built: {ManagedCommand}";
        }
    }

    /// <summary>The launcher.</summary>
    public string Command => Path.Combine(_folder, "linux-x64", "bin", "dirkernels");

    /// <summary>The managed command, in the configuration of these tests.</summary>
    public static string ManagedCommand { get; } = Path.Combine(
        NativeBuild.Root, "src", "DirKernels.Cli", "bin", AppContext.BaseDirectory.Contains("/Debug/", StringComparison.Ordinal) ? "Debug" : "Release", "net10.0", "dirkernels-cli.dll");

    /// <summary>Skips the test when there is no command, and why.</summary>
    public void SkipUnlessBuilt() => Assert.SkipWhen(_problem is not null, _problem ?? "");

    public void Dispose()
    {
        if (_built is not null)
        {
            Directory.Delete(_built, recursive: true);
        }
    }
}
