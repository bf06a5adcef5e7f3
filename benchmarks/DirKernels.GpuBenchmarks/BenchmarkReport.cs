using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DirKernels.GpuBenchmarks;

/// <summary>The results as JSON and as a Markdown table; PyTorch's times beside ours where its script has left them.</summary>
internal sealed record BenchmarkReport(string Device, BenchmarkSizes Sizes, DevicePeaks Peaks, IReadOnlyList<OperationCheck> Checks, IReadOnlyList<TimedResult> Results)
{
    /// <summary>File that the PyTorch script writes.</summary>
    public const string PyTorchFile = "pytorch.json";

    /// <summary>Writes gpu.json and gpu.md to a folder.</summary>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.Write(Path.Combine(folder, "gpu.json"), WriteJson);
        string text = Markdown(PyTorchTimes(Path.Combine(folder, PyTorchFile)));
        AtomicFile.Write(Path.Combine(folder, "gpu.md"), stream => stream.Write(Encoding.UTF8.GetBytes(text)));
    }

    private static Dictionary<string, (double? Loop, double? Best)> PyTorchTimes(string file)
    {
        var times = new Dictionary<string, (double?, double?)>();
        if (File.Exists(file))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (JsonElement row in document.RootElement.GetProperty("rows").EnumerateArray())
            {
                double? Number(string name) => row.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
                times[row.GetProperty("name").GetString()!] = (Number("loop_ms"), Number("best_ms"));
            }
        }

        return times;
    }

    private static string Format(double? number, string format = "G4") => number is { } value && value > 0 ? value.ToString(format, CultureInfo.InvariantCulture) : "";

    private void WriteJson(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("schema", "dirkernels.gpu-benchmark/1");
        json.WriteString("device", Device);
        json.WriteString("sizes", Sizes.Name);
        json.WriteNumber("copyGbps", Peaks.CopyGbps);
        json.WriteNumber("fp32Tflops", Peaks.Tflops);
        json.WriteStartArray("checks");
        foreach (OperationCheck check in Checks)
        {
            json.WriteStartObject();
            json.WriteString("name", check.Name);
            json.WriteBoolean("passes", check.Passes);
            json.WriteString("worst", check.Worst.ToString("G4", CultureInfo.InvariantCulture)); // a text, since it may be infinite
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("rows");
        foreach (TimedResult result in Results)
        {
            json.WriteStartObject();
            json.WriteString("name", result.Name);
            json.WriteNumber("ms", result.Milliseconds);
            json.WriteNumber("fastestMs", result.Fastest);
            json.WriteNumber("slowestMs", result.Slowest);
            json.WriteNumber("launches", result.Launches);
            json.WriteNumber("bytes", result.Bytes);
            json.WriteNumber("flops", result.Flops);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private string Markdown(Dictionary<string, (double? Loop, double? Best)> pyTorch)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {Device}, {Sizes.Name} sizes\n\nCopy {Peaks.CopyGbps:F0} GB/s, single-precision multiply-adds {Peaks.Tflops:F1} TFLOP/s, both measured in this run. ");
        text.Append(CultureInfo.InvariantCulture, $"{Checks.Count(c => c.Passes)} of {Checks.Count} checks against double-precision oracles pass; the worst error is {Checks.Max(c => c.Worst):G3} of its bound.\n\n");
        text.Append("| work | ms | launches | GB/s | of copy | TFLOP/s | of fp32 peak | PyTorch loop ms | best PyTorch ms | best PyTorch / ours |\n|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (TimedResult r in Results)
        {
            (double? loop, double? best) = pyTorch.GetValueOrDefault(r.Name);
            string[] cells =
            [
                r.Name, Format(r.Milliseconds), r.Launches.ToString(CultureInfo.InvariantCulture), Format(r.Gbps), Format(r.Gbps / Peaks.CopyGbps, "P0"), Format(r.Tflops), Format(r.Tflops / Peaks.Tflops, "P0"),
                Format(loop), Format(best), Format(best / r.Milliseconds, "F2"),
            ];
            text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        }

        return text.ToString();
    }
}
