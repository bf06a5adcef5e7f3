using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DirKernels.Exchange;

/// <summary>Writes partial statistics piece by piece, with their header and checksum.</summary>
internal ref struct StatisticsWriter
{
    private const int NumbersAtATime = 512;

    private readonly IBufferWriter<byte> _destination;
    private uint _checksum = Crc32C.Start;

    /// <summary>Writes the header.</summary>
    public StatisticsWriter(IBufferWriter<byte> destination, StatisticsKind kind)
    {
        _destination = destination;
        Span<byte> header = destination.GetSpan(StatisticsHeader.Length)[..StatisticsHeader.Length];
        StatisticsHeader.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], StatisticsHeader.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], (uint)kind);
        Written(header);
    }

    public void Write(int number)
    {
        Span<byte> bytes = _destination.GetSpan(sizeof(int))[..sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        Written(bytes);
    }

    public void Write(double number) => Write([number]);

    public void Write(scoped ReadOnlySpan<double> numbers) => Write(MemoryMarshal.Cast<double, long>(numbers));

    public void Write(scoped ReadOnlySpan<long> numbers)
    {
        while (!numbers.IsEmpty)
        {
            int count = Math.Min(numbers.Length, NumbersAtATime);
            Span<byte> bytes = _destination.GetSpan(count * sizeof(long))[..(count * sizeof(long))];
            for (int i = 0; i < count; i++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes[(i * sizeof(long))..], numbers[i]);
            }

            Written(bytes);
            numbers = numbers[count..];
        }
    }

    /// <summary>Writes the checksum of everything before.</summary>
    public readonly void Finish()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_destination.GetSpan(StatisticsHeader.ChecksumLength), Crc32C.Finish(_checksum));
        _destination.Advance(StatisticsHeader.ChecksumLength);
    }

    private void Written(scoped ReadOnlySpan<byte> bytes)
    {
        _checksum = Crc32C.Append(_checksum, bytes);
        _destination.Advance(bytes.Length);
    }
}
