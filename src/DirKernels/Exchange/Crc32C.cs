using System.Buffers.Binary;
using System.Numerics;

namespace DirKernels.Exchange;

/// <summary>
/// CRC-32C (Castagnoli): polynomial 0x1EDC6F41 reflected, start and final complement 0xFFFFFFFF. Finds every change of up to 32 neighbouring bits, and any
/// other change but one in 2^32.
/// </summary>
/// <remarks>By the processor's instruction where there is one. Source: RFC 3720, section 12.1 and appendix B.4.</remarks>
internal static class Crc32C
{
    /// <summary>State before the first byte.</summary>
    public const uint Start = uint.MaxValue;

    /// <summary>State after some more bytes.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
        {
            state = BitOperations.Crc32C(state, value);
        }

        return state;
    }

    /// <summary>The checksum of all bytes that went into a state.</summary>
    public static uint Finish(uint state) => ~state;

    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => Finish(Append(Start, bytes));
}
