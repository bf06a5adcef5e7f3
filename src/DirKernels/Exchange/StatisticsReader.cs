using System.Buffers.Binary;

namespace DirKernels.Exchange;

/// <summary>Reads what <see cref="StatisticsWriter"/> wrote, and believes nothing: every fault is an <see cref="InvalidDataException"/>.</summary>
internal ref struct StatisticsReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly string _what;
    private int _at = StatisticsHeader.Length;

    /// <summary>Checks magic, version and kind.</summary>
    /// <param name="bytes">All bytes.</param>
    /// <param name="kind">What they must hold.</param>
    /// <param name="what">Its name for people, the start of every message.</param>
    /// <exception cref="InvalidDataException">Other bytes, another kind, or a version that is not known.</exception>
    public StatisticsReader(ReadOnlySpan<byte> bytes, StatisticsKind kind, string what)
    {
        _bytes = bytes;
        _what = what;
        if (bytes.Length < StatisticsHeader.Length + StatisticsHeader.ChecksumLength)
        {
            throw Fault($"{bytes.Length} bytes are too few for a header and a checksum");
        }

        if (!bytes.StartsWith(StatisticsHeader.Magic))
        {
            throw Fault("the bytes are not statistics of DirKernels: they do not start with DIRSTATS");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]), found = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        if (version != StatisticsHeader.Version)
        {
            throw Fault(version > StatisticsHeader.Version
                ? $"the bytes have version {version} of the format, newer than version {StatisticsHeader.Version}, the newest that this library reads"
                : $"the bytes have version {version} of the format, which does not exist");
        }

        if (found != (uint)kind)
        {
            throw Fault($"the bytes hold {(Enum.IsDefined((StatisticsKind)found) ? $"a {(StatisticsKind)found}" : $"kind {found}, which is not known")}");
        }
    }

    /// <summary>Checks that the header's sizes are those of the bytes at hand, then the checksum: nothing may be allocated before.</summary>
    /// <param name="contents">Bytes between header and checksum, by the sizes read so far.</param>
    /// <exception cref="InvalidDataException">Another length, or damaged.</exception>
    public readonly void CheckLengthAndChecksum(Int128 contents)
    {
        Int128 expected = contents + StatisticsHeader.Length + StatisticsHeader.ChecksumLength;
        if (expected != _bytes.Length)
        {
            throw Fault($"there are {_bytes.Length} bytes, but by its sizes there must be {expected}");
        }

        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(_bytes[^StatisticsHeader.ChecksumLength..]);
        uint computed = Crc32C.Finish(Crc32C.Append(Crc32C.Start, _bytes[..^StatisticsHeader.ChecksumLength]));
        if (stored != computed)
        {
            throw Fault($"the bytes are damaged: their CRC-32C is {computed:x8}, but {stored:x8} was written");
        }
    }

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

    public void Read(Span<double> numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = ReadDouble();
        }
    }

    /// <summary>Counts of samples, and their sum.</summary>
    /// <exception cref="InvalidDataException">One is negative, or together they are more than <see cref="SampleCount.Largest"/>.</exception>
    public long ReadCounts(Span<long> counts)
    {
        long total = 0;
        for (int b = 0; b < counts.Length; b++)
        {
            counts[b] = BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));
            if (counts[b] < 0 || counts[b] > SampleCount.Largest - total)
            {
                throw Fault($"the count of bin {b} is {counts[b]}; counts must not be negative, nor more than 2^53 together");
            }

            total += counts[b];
        }

        return total;
    }

    /// <summary>The error that says what is wrong with the bytes.</summary>
    public readonly InvalidDataException Fault(string problem) => new($"{_what}: {problem}");

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _bytes.Length - StatisticsHeader.ChecksumLength - _at)
        {
            throw Fault($"the bytes end after {_bytes.Length}, in the middle");
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(_at, length);
        _at += length;
        return taken;
    }
}
