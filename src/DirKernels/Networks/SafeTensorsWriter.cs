using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DirKernels.Networks;

/// <summary>Writes a safetensors file: the same contents always give the same bytes.</summary>
internal static class SafeTensorsWriter
{
    // Relaxed: the header is never part of a web page, and metadata is often JSON, whose quotes would swell sixfold.
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes header and tensors.</summary>
    /// <exception cref="InvalidDataException">The header is too large.</exception>
    public static void Write(SafeTensorsFile file, Stream stream)
    {
        // Large numbers first: then each tensor is aligned to its numbers.
        SafeTensorsEntry[] ordered = [.. file.Tensors.OrderByDescending(t => SafeTensorsElement.Size(t.ElementType))];
        var header = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(header, _options))
        {
            WriteHeader(json, file, ordered);
        }

        int padding = (8 - header.WrittenCount % 8) % 8;
        header.GetSpan(padding)[..padding].Fill((byte)' ');
        header.Advance(padding);
        if (header.WrittenCount > SafeTensorsFile.MaximumHeaderBytes)
        {
            throw new InvalidDataException(
                $"safetensors: the header is {header.WrittenCount} bytes, more than {SafeTensorsFile.MaximumHeaderBytes}");
        }

        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.WrittenCount);
        stream.Write(prefix);
        stream.Write(header.WrittenSpan);
        foreach (SafeTensorsEntry tensor in ordered)
        {
            stream.Write(tensor.Data.Span);
        }
    }

    private static void WriteHeader(Utf8JsonWriter json, SafeTensorsFile file, SafeTensorsEntry[] ordered)
    {
        json.WriteStartObject();
        if (file.Metadata.Count > 0)
        {
            json.WriteStartObject(SafeTensorsFile.MetadataKey);
            foreach ((string key, string value) in file.Metadata)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        }

        long offset = 0;
        foreach (SafeTensorsEntry tensor in ordered)
        {
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", SafeTensorsElement.Name(tensor.ElementType));
            json.WriteStartArray("shape");
            foreach (long extent in tensor.Shape)
            {
                json.WriteNumberValue(extent);
            }

            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(offset);
            json.WriteNumberValue(offset += tensor.Data.Length);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
