using System.Text.Json;
using System.Text.Unicode;

namespace DirKernels.Networks;

/// <summary>The JSON header of a safetensors file, read without trusting it.</summary>
internal sealed class SafeTensorsHeader
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    private SafeTensorsHeader()
    {
    }

    /// <summary>What the header says about one tensor.</summary>
    internal readonly record struct Item(string Name, SafeTensorsElementType Type, long[] Shape, long Begin, long End);

    /// <summary>The metadata.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>The tensors, in the order of their bytes; without gaps or overlaps, from 0.</summary>
    public List<Item> Items { get; } = [];

    /// <summary>Bytes of all tensors together.</summary>
    public long DataLength => Items.Count == 0 ? 0 : Items[^1].End;

    /// <summary>Reads and checks the header.</summary>
    /// <exception cref="InvalidDataException">Anything is wrong with it.</exception>
    public static SafeTensorsHeader Parse(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != '{')
        {
            throw new InvalidDataException("safetensors: the header does not begin with '{'");
        }

        if (!Utf8.IsValid(json))
        {
            throw new InvalidDataException("safetensors: the header is not valid UTF-8");
        }

        var header = new SafeTensorsHeader();
        try
        {
            var reader = new Utf8JsonReader(json);
            header.ReadRoot(ref reader);
            reader.Read();
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"safetensors: the header is not valid JSON (line {error.LineNumber}, byte {error.BytePositionInLine})", error);
        }

        header.OrderAndCheckOffsets();
        return header;
    }

    /// <summary>Number of elements of a shape, 1 for a scalar; null when an extent is negative or the product overflows.</summary>
    public static long? ElementCount(ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long extent in shape)
        {
            if (extent < 0 || (extent > 0 && count > long.MaxValue / extent))
            {
                return null;
            }

            count *= extent;
        }

        return count;
    }

    private void ReadRoot(ref Utf8JsonReader reader)
    {
        reader.Read();
        bool metadataSeen = false;
        while (NextName(ref reader, "the header") is { } name)
        {
            if (name == SafeTensorsFile.MetadataKey)
            {
                if (metadataSeen)
                {
                    throw new InvalidDataException("safetensors: the metadata appears twice");
                }

                metadataSeen = true;
                ReadMetadata(ref reader);
            }
            else if (!_names.Add(name))
            {
                throw new InvalidDataException($"safetensors: tensor '{Shortened(name)}' appears twice");
            }
            else
            {
                Items.Add(ReadItem(ref reader, name));
            }
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, "the metadata is not an object");
        while (NextName(ref reader, "the metadata") is { } key)
        {
            Expect(reader.TokenType == JsonTokenType.String, $"metadata '{Shortened(key)}' is not text");
            Expect(Metadata.TryAdd(key, Text(ref reader)), $"metadata '{Shortened(key)}' appears twice");
        }
    }

    private static Item ReadItem(ref Utf8JsonReader reader, string name)
    {
        string what = $"tensor '{Shortened(name)}'";
        Expect(reader.TokenType == JsonTokenType.StartObject, $"{what} is not described by an object");
        SafeTensorsElementType? type = null;
        long[]? shape = null, offsets = null;
        while (NextName(ref reader, what) is { } field)
        {
            switch (field)
            {
                case "dtype" when type is null:
                    Expect(reader.TokenType == JsonTokenType.String, $"the type of {what} is not text");
                    string typeName = Text(ref reader);
                    type = SafeTensorsElement.Parse(typeName);
                    Expect(type is not null, $"{what} has type '{Shortened(typeName)}', but only F32, F64, I32, I64 and U8 can be read");
                    break;
                case "shape" when shape is null:
                    shape = ReadNaturals(ref reader, $"the shape of {what}");
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNaturals(ref reader, $"the place of {what}");
                    Expect(offsets.Length == 2, $"the place of {what} is not a pair");
                    break;
                default:
                    throw new InvalidDataException($"safetensors: {what} has an unknown or repeated field '{Shortened(field)}'");
            }
        }

        if (type is not { } known || shape is null || offsets is null)
        {
            throw new InvalidDataException($"safetensors: {what} lacks its type, shape or place");
        }

        long? count = ElementCount(shape);
        int size = SafeTensorsElement.Size(known);
        Expect(count <= long.MaxValue / size, $"the shape of {what} is too large");
        Expect(
            offsets[1] >= offsets[0] && offsets[1] - offsets[0] == count * size,
            $"{what} needs {count * size} bytes but its place is {offsets[0]} to {offsets[1]}");
        return new Item(name, known, shape, offsets[0], offsets[1]);
    }

    private static long[] ReadNaturals(ref Utf8JsonReader reader, string what)
    {
        Expect(reader.TokenType == JsonTokenType.StartArray, $"{what} is not an array");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            long number = -1;
            Expect(
                reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out number) && number >= 0,
                $"{what} holds something other than integers of 0 or more");
            numbers.Add(number);
        }

        return [.. numbers];
    }

    /// <summary>Name of the next member, the reader then being on its value; null at the end of the object.</summary>
    private static string? NextName(ref Utf8JsonReader reader, string what)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndObject)
        {
            return null;
        }

        Expect(reader.TokenType == JsonTokenType.PropertyName, $"{what} ends early");
        string name = Text(ref reader);
        reader.Read();
        return name;
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            // An escape such as \ud800 that is half a character.
            throw new InvalidDataException("safetensors: a text of the header is not valid Unicode", error);
        }
    }

    private void OrderAndCheckOffsets()
    {
        Items.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        long end = 0;
        foreach (Item item in Items)
        {
            Expect(
                item.Begin == end,
                $"tensor '{Shortened(item.Name)}' begins at {item.Begin} but the one before ends at {end}; there must be no gap and no overlap");
            end = item.End;
        }
    }

    private static string Shortened(string text) => text.Length <= 60 ? text : text[..60] + "...";

    private static void Expect(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidDataException("safetensors: " + otherwise);
        }
    }
}
