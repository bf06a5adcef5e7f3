using System.Runtime.Intrinsics;
using Xunit;

namespace DirKernels.Native.Tests;

/// <summary>The library that programs name picks the build for the processor.</summary>
public sealed class LoaderTests(NativeBuild build)
{
    [Fact]
    public void LoadedByItsPathItPicksTheBestBuild()
    {
        build.SkipUnlessBuilt();
        Assert.SkipUnless(Vector256.IsHardwareAccelerated, "there is nothing to pick: this process has 128-bit registers");
        var library = new LoadedLibrary(build.Library);
        Assert.Equal("x86-64-" + NativeBuild.MatchingLevel, library.InstructionSet);
        Assert.Equal(1u << 16, library.AbiVersion);
    }

    [Fact]
    public void EveryBuildIsAWholeLibrary()
    {
        build.SkipUnlessBuilt();
        Assert.Equal("x86-64-v2", new LoadedLibrary(build.BuildOf("v2")).InstructionSet);
    }

    /// <summary>Every function of the header is in the builds and in the loader, and no other.</summary>
    [Fact]
    public void FunctionsAreThoseOfTheHeader()
    {
        build.SkipUnlessBuilt();
        string header = File.ReadAllText(Path.Combine(build.HeaderFolder, "dirkernels.h"));
        string[] declared = [.. System.Text.RegularExpressions.Regex.Matches(header, @"^(?:DK_CHECK_RESULT )?(?:dk_status|uint32_t|const char \*) ?\*?(dk_\w+)\(", System.Text.RegularExpressions.RegexOptions.Multiline)
            .Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];
        Assert.Equal(40, declared.Length);
        foreach (string file in new[] { build.Library, build.BuildOf("v2"), build.BuildOf(NativeBuild.MatchingLevel) })
        {
            string[] exported = [.. ProgramRun.Of("nm", ["-D", "--defined-only", file]).Succeeded().Split('\n')
                .Select(line => line.Split(' ')[^1].Split('@')[0]).Where(name => name.StartsWith("dk_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
            Assert.Equal(declared, exported);
        }
    }

    [Fact]
    public void WithoutBuildsBesideItEveryFunctionSaysSo()
    {
        build.SkipUnlessBuilt();
        string folder = Directory.CreateTempSubdirectory("dirkernels-alone-").FullName;
        try
        {
            string alone = Path.Combine(folder, "libdirkernels.so");
            File.Copy(build.Library, alone);
            var library = new LoadedLibrary(alone);
            Assert.Equal(0u, library.AbiVersion);
            Assert.Equal("none", library.InstructionSet);
            Assert.Equal(8, library.SetThreads(1));
            Assert.Contains("no build of the library for this processor", library.LastError, StringComparison.Ordinal);
            Assert.Contains("glibc-hwcaps/x86-64-v2/libdirkernels.so.1", library.LastError, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
