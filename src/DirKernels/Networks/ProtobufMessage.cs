using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace DirKernels.Networks;

/// <summary>
/// A message in the protocol-buffer wire format, fields in the order they are added. Arrays are kept by reference and copied only by <see cref="Write"/>:
/// lengths, which stand before what they measure, are known without bytes.
/// </summary>
internal sealed class ProtobufMessage
{
    private const int VariableLengthInteger = 0;
    private const int LengthDelimited = 2;
    private const int FourBytes = 5;
    private const int NumbersAtOnce = 4096;

    private readonly List<Part> _parts = [];

    /// <summary>Bytes of the message.</summary>
    public long Length { get; private set; }

    /// <summary>Adds an integer, as int32, int64 or an enumeration.</summary>
    public ProtobufMessage Add(int field, long value)
    {
        var bytes = new List<byte>();
        AppendVariable(bytes, (ulong)field << 3 | VariableLengthInteger);
        AppendVariable(bytes, (ulong)value);
        return AddPart(new Part([.. bytes], null, default));
    }

    /// <summary>Adds a number as float.</summary>
    public ProtobufMessage Add(int field, float value)
    {
        var bytes = new List<byte>();
        AppendVariable(bytes, (ulong)field << 3 | FourBytes);
        Span<byte> number = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(number, value);
        bytes.AddRange(number);
        return AddPart(new Part([.. bytes], null, default));
    }

    /// <summary>Adds text in UTF-8.</summary>
    public ProtobufMessage Add(int field, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return AddPart(new Part([.. Header(field, utf8.Length), .. utf8], null, default));
    }

    /// <summary>Adds a message, which must not grow afterwards.</summary>
    public ProtobufMessage Add(int field, ProtobufMessage message) =>
        AddPart(new Part(Header(field, message.Length), message, default));

    /// <summary>Adds numbers as raw little-endian bytes.</summary>
    public ProtobufMessage Add(int field, ReadOnlyMemory<float> numbers) =>
        AddPart(new Part(Header(field, (long)sizeof(float) * numbers.Length), null, numbers));

    /// <summary>Writes the message.</summary>
    public void Write(Stream stream)
    {
        foreach (Part part in _parts)
        {
            stream.Write(part.Bytes);
            part.Message?.Write(stream);
            WriteNumbers(stream, part.Numbers.Span);
        }
    }

    private static void WriteNumbers(Stream stream, ReadOnlySpan<float> numbers)
    {
        if (BitConverter.IsLittleEndian)
        {
            for (; !numbers.IsEmpty; numbers = numbers[Math.Min(NumbersAtOnce, numbers.Length)..])
            {
                stream.Write(MemoryMarshal.AsBytes(numbers[..Math.Min(NumbersAtOnce, numbers.Length)]));
            }

            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(float)];
        foreach (float number in numbers)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes, number);
            stream.Write(bytes);
        }
    }

    private static byte[] Header(int field, long length)
    {
        var bytes = new List<byte>();
        AppendVariable(bytes, (ulong)field << 3 | LengthDelimited);
        AppendVariable(bytes, (ulong)length);
        return [.. bytes];
    }

    private static void AppendVariable(List<byte> bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
    }

    private ProtobufMessage AddPart(Part part)
    {
        _parts.Add(part);
        Length += part.Bytes.Length + (part.Message?.Length ?? 0) + (long)sizeof(float) * part.Numbers.Length;
        return this;
    }

    private readonly record struct Part(byte[] Bytes, ProtobufMessage? Message, ReadOnlyMemory<float> Numbers);
}
