using System.Buffers.Binary;

namespace DirKernels.Networks;

/// <summary>Reads a safetensors file from a stream, allocating no more than a small multiple of what the stream yields.</summary>
internal static class SafeTensorsReader
{
    // Claims up to this size are believed; larger ones are read piece by piece.
    private const int BelievedBytes = 1 << 20;

    /// <summary>Reads to the end of the stream.</summary>
    /// <exception cref="InvalidDataException">The contents are not a valid safetensors file.</exception>
    public static SafeTensorsFile Read(Stream stream)
    {
        Span<byte> prefix = stackalloc byte[8];
        int got = stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false);
        if (got < 8)
        {
            throw new InvalidDataException($"safetensors: the file has {got} bytes, not even the 8 of the header length");
        }

        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > SafeTensorsFile.MaximumHeaderBytes)
        {
            throw new InvalidDataException(
                $"safetensors: the header claims {headerLength} bytes, more than {SafeTensorsFile.MaximumHeaderBytes}; is this a safetensors file?");
        }

        SafeTensorsHeader header = SafeTensorsHeader.Parse(ReadBytes(stream, (long)headerLength, "the header"));
        ThrowIfLengthIsKnownToDiffer(stream, header.DataLength);

        var file = new SafeTensorsFile();
        foreach ((string key, string value) in header.Metadata)
        {
            file.SetMetadata(key, value);
        }

        foreach (SafeTensorsHeader.Item item in header.Items)
        {
            byte[] data = ReadBytes(stream, item.End - item.Begin, "the tensors");
            file.Add(new SafeTensorsEntry(item.Name, item.Type, item.Shape, data));
        }

        return stream.ReadByte() < 0
            ? file
            : throw new InvalidDataException($"safetensors: there are bytes after the {header.DataLength} of the tensors");
    }

    private static void ThrowIfLengthIsKnownToDiffer(Stream stream, long dataLength)
    {
        if (stream.CanSeek && stream.Length - stream.Position != dataLength)
        {
            throw new InvalidDataException(
                $"safetensors: the tensors need {dataLength} bytes but {stream.Length - stream.Position} follow the header; the file is cut off or not this format");
        }
    }

    private static byte[] ReadBytes(Stream stream, long length, string what)
    {
        if (length > Array.MaxLength)
        {
            throw new InvalidDataException($"safetensors: {what} claim {length} bytes in one piece, more than can be read");
        }

        bool believed = length <= BelievedBytes || (stream.CanSeek && stream.Length - stream.Position >= length);
        var bytes = new byte[believed ? (int)length : BelievedBytes];
        int filled = 0;
        while (true)
        {
            filled += stream.ReadAtLeast(bytes.AsSpan(filled), bytes.Length - filled, throwOnEndOfStream: false);
            if (filled < bytes.Length)
            {
                throw new InvalidDataException($"safetensors: the file ends after {filled} of the {length} bytes of {what}");
            }

            if (filled == length)
            {
                return bytes;
            }

            Array.Resize(ref bytes, (int)Math.Min(length, 2L * filled));
        }
    }
}
