using System.Buffers;
using System.Text;
using System.Text.Json;
using DirKernels.Data;

namespace DirKernels.Cli;

/// <summary>The description of a feature encoder as JSON: <c>{columns: [{name, mean, scale, median} or {name, categories}], ignored: [..]}</c>.</summary>
internal static class EncoderJson
{
    /// <summary>The description as text; numbers read back to the same bits.</summary>
    public static string Of(FeatureEncoder encoder)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteColumns(json, encoder);
            WriteTexts(json, "ignored", encoder.IgnoredColumns);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes the property <c>columns</c>.</summary>
    public static void WriteColumns(Utf8JsonWriter json, FeatureEncoder encoder)
    {
        json.WriteStartArray("columns");
        foreach (EncodedColumn column in encoder.Columns)
        {
            json.WriteStartObject();
            json.WriteString("name", column.Name);
            if (column.Kind == EncodedColumnKind.Categorical)
            {
                WriteTexts(json, "categories", column.Categories);
            }
            else
            {
                json.WriteNumber("mean", column.Mean);
                json.WriteNumber("scale", column.Scale);
                json.WriteNumber("median", column.Median);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Reads what <see cref="Of"/> wrote.</summary>
    /// <exception cref="JsonException">Not JSON.</exception>
    /// <exception cref="InvalidOperationException">A value has another type.</exception>
    /// <exception cref="KeyNotFoundException">A property is absent.</exception>
    /// <exception cref="FormatException">A number is out of range.</exception>
    /// <exception cref="ArgumentException">The columns are none that an encoder can have.</exception>
    public static FeatureEncoder Parse(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        var columns = new List<EncodedColumn>();
        foreach (JsonElement column in document.RootElement.GetProperty("columns").EnumerateArray())
        {
            string name = Text(column.GetProperty("name"));
            columns.Add(column.TryGetProperty("categories", out JsonElement categories)
                ? EncodedColumn.Categorical(name, [.. categories.EnumerateArray().Select(Text)])
                : EncodedColumn.Numeric(
                    name, column.GetProperty("mean").GetDouble(), column.GetProperty("scale").GetDouble(), column.GetProperty("median").GetDouble()));
        }

        return new FeatureEncoder(columns, document.RootElement.GetProperty("ignored").EnumerateArray().Select(Text));
    }

    private static string Text(JsonElement value) => value.GetString() ?? throw new InvalidOperationException("a name is null");

    private static void WriteTexts(Utf8JsonWriter json, string property, IEnumerable<string> texts)
    {
        json.WriteStartArray(property);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
