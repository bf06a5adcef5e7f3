using System.Text.Json;
using Xunit;

namespace DirKernels.Tests.Data;

/// <summary>The public regression tables that lie beside the repository on some machines; tests that need one are skipped where there are none.</summary>
internal static class RealData
{
    private const string Variable = "DIRKERNELS_DATA";

    /// <summary>Path of a file below the data folder; skips the running test when it is absent.</summary>
    public static string PathOf(string relative)
    {
        string? folder = Environment.GetEnvironmentVariable(Variable) ?? FolderAbove(AppContext.BaseDirectory);
        string? path = folder is null ? null : Path.Combine(folder, relative);
        Assert.SkipWhen(path is null || !File.Exists(path), $"no {relative}: set {Variable} to the folder of the public tables");
        return path!;
    }

    /// <summary>The description of one table in <c>datasets.json</c>.</summary>
    public static JsonElement Description(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(PathOf("datasets.json")));
        return document.RootElement.EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == name).Clone();
    }

    private static string? FolderAbove(string start)
    {
        for (DirectoryInfo? at = new(start); at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "shared", "data");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
