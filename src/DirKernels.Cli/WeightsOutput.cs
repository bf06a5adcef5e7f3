using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DirKernels.Labels;

namespace DirKernels.Cli;

/// <summary>The two forms of the result of <c>weights</c>. Numbers are the shortest text that reads back to the same bits.</summary>
internal static class WeightsOutput
{
    public const string Schema = "dirkernels.weights/1";

    private const int RowsBetweenCancellationChecks = 4096;

    /// <summary><c>{schema, rows, bins: [{lower, upper, count, density, weight}], meanWeight}</c>.</summary>
    /// <param name="writer">Receives the text.</param>
    /// <param name="weights">The bins and what became of them.</param>
    /// <param name="rows">Number of rows of the table, training or not.</param>
    public static void WriteJson(TextWriter writer, LabelWeights weights, int rows)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteNumber("rows", rows);
            json.WriteStartArray("bins");
            double samples = 0, sum = 0;
            for (int b = 0; b < weights.Bins.Count; b++)
            {
                json.WriteStartObject();
                json.WriteNumber("lower", weights.Bins.LowerEdge(b));
                json.WriteNumber("upper", weights.Bins.UpperEdge(b));
                json.WriteNumber("count", weights.Counts[b]);
                json.WriteNumber("density", weights.Density[b]);
                json.WriteNumber("weight", weights.Weights[b]);
                json.WriteEndObject();
                samples += weights.Counts[b];
                sum += weights.Counts[b] * weights.Weights[b];
            }

            json.WriteEndArray();
            json.WriteNumber("meanWeight", sum / samples);
            json.WriteEndObject();
        }

        writer.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        writer.Write('\n');
    }

    /// <summary><c>label,bin,weight</c>, one row per row of the table.</summary>
    public static void WriteRows(TextWriter writer, LabelWeights weights, double[] labels, CancellationToken cancellation)
    {
        // Many rows share a bin: its index and weight become text once.
        var tails = new string?[weights.Bins.Count];
        Span<char> label = stackalloc char[32];
        writer.Write("label,bin,weight\n");
        for (int row = 0; row < labels.Length; row++)
        {
            if (row % RowsBetweenCancellationChecks == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            int bin = weights.Bins.IndexOf(labels[row]);
            labels[row].TryFormat(label, out int length, default, CultureInfo.InvariantCulture);
            writer.Write(label[..length]);
            writer.Write(tails[bin] ??= FormattableString.Invariant($",{bin},{weights.Weights[bin]}\n"));
        }
    }
}
