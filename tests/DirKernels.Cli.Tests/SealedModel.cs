using System.Buffers.Binary;
using System.Text;
using DirKernels.Networks;

namespace DirKernels.Cli.Tests;

/// <summary>Puts the right checksum on a changed model file, so that what is behind the checksum meets the change. Its own plain form of the documented layout.</summary>
internal static class SealedModel
{
    private const string Key = "dirkernels.checksum";

    private static readonly uint[] _table = [.. Enumerable.Range(0, 256).Select(Remainder)];

    /// <summary>The file with the checksum of its contents.</summary>
    public static byte[] Seal(SafeTensorsFile file)
    {
        file.SetMetadata(Key, Checksum(file));
        using var stream = new MemoryStream();
        file.Write(stream);
        return stream.ToArray();
    }

    /// <summary>Eight hexadecimal digits.</summary>
    public static string Checksum(SafeTensorsFile file)
    {
        using var contents = new MemoryStream();
        foreach ((string key, string value) in file.Metadata.Where(entry => entry.Key != Key).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            Text(contents, key);
            Text(contents, value);
        }

        foreach (SafeTensorsEntry tensor in file.Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            Text(contents, tensor.Name);
            Text(contents, $"{tensor.ElementType}");
            Number(contents, tensor.Shape.Length);
            foreach (long extent in tensor.Shape)
            {
                Number(contents, extent);
            }

            Number(contents, tensor.Data.Length);
            contents.Write(tensor.Data.Span);
        }

        uint remainder = 0xFFFFFFFF;
        foreach (byte value in contents.GetBuffer().AsSpan(0, (int)contents.Length))
        {
            remainder = (remainder >> 8) ^ _table[(remainder ^ value) & 0xFF];
        }

        return $"{~remainder:x8}";
    }

    private static uint Remainder(int value)
    {
        uint remainder = (uint)value;
        for (int bit = 0; bit < 8; bit++)
        {
            remainder = (remainder >> 1) ^ ((remainder & 1) * 0x82F63B78);
        }

        return remainder;
    }

    private static void Text(Stream stream, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Number(stream, bytes.Length);
        stream.Write(bytes);
    }

    private static void Number(Stream stream, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        stream.Write(bytes);
    }
}
