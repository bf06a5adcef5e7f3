using System.Text.Json;
using DirKernels.Backends.Cpu;

namespace DirKernels.Benchmarks.Quick;

/// <summary>The table as JSON.</summary>
internal static class QuickJson
{
    public static void Write(string path, int threads, MachinePeaks peaks, IEnumerable<QuickResult> results)
    {
        using FileStream stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("schema", "dirkernels.quick/1");
        json.WriteString("machine", ProcessorName());
        json.WriteString("isa", InstructionSet.Name);
        json.WriteNumber("threads", threads);
        json.WriteStartObject("peaks");
        json.WriteNumber("gflops", peaks.Gflops);
        json.WriteNumber("readGbps", peaks.ReadGbps);
        json.WriteNumber("scatteredReadGbps", peaks.ScatteredReadGbps);
        json.WriteNumber("writeGbps", peaks.WriteGbps);
        json.WriteNumber("copyGbps", peaks.CopyGbps);
        json.WriteNumber("meetingMicroseconds", peaks.MeetingMicroseconds);
        json.WriteEndObject();
        json.WriteStartArray("rows");
        foreach (QuickResult result in results)
        {
            json.WriteStartObject();
            json.WriteString("name", result.Name);
            json.WriteNumber("ms", result.Milliseconds);
            WriteOptional(json, "gflops", result.Gflops);
            WriteOptional(json, "gbps", result.Gbps);
            WriteOptional(json, "shareOfLimit", result.ShareOfLimit);
            json.WriteNumber("allocated", result.Allocated);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static string ProcessorName()
    {
        const string Information = "/proc/cpuinfo";
        string? line = File.Exists(Information)
            ? File.ReadLines(Information).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return $"{line?.Split(':')[1].Trim() ?? "unknown processor"}, {Environment.ProcessorCount} processors";
    }
}
