using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using DirKernels.Exchange;

namespace DirKernels.Networks;

/// <summary>
/// The checksum of a model file, or one of feature statistics: CRC-32C over what it says, metadata and tensors in ordinal order of their names, each text and each tensor preceded by its length.
/// </summary>
/// <remarks>
/// It covers contents, not bytes: another program may read the file and write the same tensors in another order. Layout: for each entry of the metadata but the
/// checksum itself, key and value; then for each tensor its name, type, number of dimensions, extents and bytes. Lengths and extents are 64-bit little-endian, texts UTF-8.
/// </remarks>
internal static class ModelChecksum
{
    /// <summary>Its entry in the metadata: eight hexadecimal digits.</summary>
    public const string Key = "dirkernels.checksum";

    /// <summary>Adds the checksum of everything that a file holds now.</summary>
    public static void Seal(SafeTensorsFile file) => file.SetMetadata(Key, Compute(file));

    /// <summary>Checks a file that was sealed.</summary>
    /// <exception cref="InvalidDataException">It has no checksum, or another one.</exception>
    public static void Check(SafeTensorsFile file)
    {
        if (!file.Metadata.TryGetValue(Key, out string? stored))
        {
            throw new InvalidDataException($"the file is damaged: its metadata have no entry '{Key}'");
        }

        string computed = Compute(file);
        if (stored != computed)
        {
            throw new InvalidDataException($"the file is damaged: the checksum of its contents is {computed}, but '{stored}' was written");
        }
    }

    private static string Compute(SafeTensorsFile file)
    {
        uint state = Crc32C.Start;
        foreach ((string key, string value) in file.Metadata)
        {
            if (key != Key)
            {
                state = Append(Append(state, key), value);
            }
        }

        foreach (SafeTensorsEntry tensor in file.Tensors)
        {
            state = Append(Append(state, tensor.Name), SafeTensorsElement.Name(tensor.ElementType));
            state = Append(state, tensor.Shape.Length);
            foreach (long extent in tensor.Shape)
            {
                state = Append(state, extent);
            }

            state = Crc32C.Append(Append(state, tensor.Data.Length), tensor.Data.Span);
        }

        return Crc32C.Finish(state).ToString("x8", CultureInfo.InvariantCulture);
    }

    private static uint Append(uint state, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return Crc32C.Append(Append(state, bytes.LongLength), bytes);
    }

    private static uint Append(uint state, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return Crc32C.Append(state, bytes);
    }
}
