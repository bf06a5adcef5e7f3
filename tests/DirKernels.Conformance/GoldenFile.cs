using System.Text.Json;

namespace DirKernels.Conformance;

/// <summary>Opens the golden numbers that travel with the tests.</summary>
public static class GoldenFile
{
    /// <summary>Root element of <c>golden/NAME.json</c> beside the test assembly.</summary>
    public static JsonElement Read(string name)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "golden", name + ".json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }

    /// <summary>An array of numbers.</summary>
    public static double[] Doubles(this JsonElement element) => [.. element.EnumerateArray().Select(x => x.GetDouble())];

    /// <summary>An array of integers.</summary>
    public static int[] Integers(this JsonElement element) => [.. element.EnumerateArray().Select(x => x.GetInt32())];

    /// <summary>A rectangular array of arrays, row-major.</summary>
    public static double[] Matrix(this JsonElement element) =>
        [.. element.EnumerateArray().SelectMany(row => row.EnumerateArray().Select(x => x.GetDouble()))];
}
