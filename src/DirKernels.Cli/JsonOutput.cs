using System.Buffers;
using System.Text;
using System.Text.Json;

namespace DirKernels.Cli;

/// <summary>One indented JSON object as a result.</summary>
internal static class JsonOutput
{
    /// <summary>Writes an object.</summary>
    /// <param name="writer">Receives the text.</param>
    /// <param name="schema">Value of its first property, <c>schema</c>.</param>
    /// <param name="content">Writes the other properties.</param>
    public static void Write(TextWriter writer, string schema, Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("schema", schema);
            content(json);
            json.WriteEndObject();
        }

        writer.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        writer.Write('\n');
    }

    /// <summary>A number, or null where there is none that JSON can hold.</summary>
    public static void WriteNumberOrNull(Utf8JsonWriter json, string property, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(property, number);
        }
        else
        {
            json.WriteNull(property);
        }
    }
}
