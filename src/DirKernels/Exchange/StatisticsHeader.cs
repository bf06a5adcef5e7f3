namespace DirKernels.Exchange;

/// <summary>
/// The frame around all partial statistics, little-endian: magic (8 bytes), version (u32 at 8), kind (u32 at 12), what the kind holds (from 16), and in the
/// last four bytes the CRC-32C of all bytes before them.
/// </summary>
internal static class StatisticsHeader
{
    /// <summary>Version that is written, and the newest that is read.</summary>
    public const uint Version = 1;

    /// <summary>Bytes before what the kind holds.</summary>
    public const int Length = 16;

    /// <summary>Bytes of the checksum at the end.</summary>
    public const int ChecksumLength = sizeof(uint);

    /// <summary>First bytes.</summary>
    public static ReadOnlySpan<byte> Magic => "DIRSTATS"u8;

    /// <summary>Length of everything as an array can hold it.</summary>
    /// <exception cref="InvalidOperationException">It is more than that.</exception>
    public static int TotalLength(Int128 contents, string what)
    {
        Int128 total = contents + Length + ChecksumLength;
        return total <= Array.MaxLength
            ? (int)total
            : throw new InvalidOperationException($"{what} would be {total} bytes, more than the {Array.MaxLength} of one array");
    }
}
