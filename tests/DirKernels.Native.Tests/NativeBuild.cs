using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DirKernels.Native.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(NativeBuild))]

namespace DirKernels.Native.Tests;

/// <summary>The library, built once for all tests by the script that users build it with: the baseline, and the one whose registers are those of this process.</summary>
/// <remarks>With a folder that the script filled named by DIRKERNELS_NATIVE, that one is tested instead.</remarks>
public sealed class NativeBuild : IDisposable
{
    private readonly string? _built;
    private readonly string? _problem;

    public NativeBuild()
    {
        if (Environment.GetEnvironmentVariable("DIRKERNELS_NATIVE") is { Length: > 0 } given)
        {
            Folder = given;
            return;
        }

        Folder = _built = Directory.CreateTempSubdirectory("dirkernels-native-").FullName;
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            _problem = "the library is built on Linux x64 only";
        }
        else if (!ProgramRun.Exists("gcc"))
        {
            _problem = "there is no gcc to link the library with";
        }
        else
        {
            Publish(Folder, "library", "v2", MatchingLevel);
        }
    }

    /// <summary>Where the script put everything.</summary>
    public string Folder { get; }

    /// <summary>The level whose results are those of this process, to the bit.</summary>
    public static string MatchingLevel => Vector512.IsHardwareAccelerated ? "v4" : Vector256.IsHardwareAccelerated ? "v3" : "v2";

    /// <summary>Folder of the library that programs name.</summary>
    public string LibraryFolder => Path.Combine(Folder, "linux-x64", "lib");

    /// <summary>The library that programs name.</summary>
    public string Library => Path.Combine(LibraryFolder, "libdirkernels.so");

    public string HeaderFolder => Path.Combine(Folder, "linux-x64", "include");

    /// <summary>Root of the checkout.</summary>
    public static string Root
    {
        get
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DirKernels.sln")))
            {
                folder = folder.Parent;
            }

            return folder?.FullName ?? throw new InvalidOperationException("the tests run outside a checkout: there is no DirKernels.sln above them");
        }
    }

    /// <summary>Runs the script; a warning is a failure.</summary>
    public static void Publish(string folder, params string[] words)
    {
        ProgramRun run = ProgramRun.Of("bash", [Path.Combine(Root, "src", "publish.sh"), folder, .. words], TimeSpan.FromMinutes(15));
        Assert.True(run.ExitCode == 0, $"publish.sh failed: {run.Output}{run.Error}");
        Assert.DoesNotContain("warning", run.Output + run.Error, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The build for one level, a whole library by itself.</summary>
    public string BuildOf(string level) => Path.Combine(LibraryFolder, "glibc-hwcaps", "x86-64-" + level, "libdirkernels.so.1");

    /// <summary>Skips the test when there is no library, and why.</summary>
    public void SkipUnlessBuilt() => Assert.SkipWhen(_problem is not null, _problem ?? "");

    public void Dispose()
    {
        if (_built is not null)
        {
            Directory.Delete(_built, recursive: true);
        }
    }
}
