using DirKernels.Exchange;
using Xunit;

namespace DirKernels.Tests.Exchange;

public sealed class Crc32CTests
{
    [Fact]
    public void PublishedVectorsAreReproduced()
    {
        // RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
        Assert.Equal(0xE3069283u, Of("123456789"u8));
        Assert.Equal(0x8A9136AAu, Of(new byte[32]));
        Assert.Equal(0x62A8AB43u, Of([.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0x113FDB5Cu, Of([.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))]));
        Assert.Equal(0u, Of([]));
    }

    [Fact]
    public void AnyLengthInAnyPiecesIsTheDivisionBitByBit()
    {
        var bytes = new byte[300];
        new Random(1).NextBytes(bytes);
        for (int length = 0; length <= bytes.Length; length++)
        {
            uint expected = BitByBit(bytes.AsSpan(0, length));
            int cut = length * 5 / 7;
            uint state = Crc32C.Append(Crc32C.Append(Crc32C.Start, bytes.AsSpan(0, cut)), bytes.AsSpan(cut, length - cut));
            Assert.Equal(expected, Crc32C.Finish(state));
            Assert.Equal(expected, Of(bytes.AsSpan(0, length)));
        }
    }

    private static uint Of(ReadOnlySpan<byte> bytes) => Crc32C.Finish(Crc32C.Append(Crc32C.Start, bytes));

    private static uint BitByBit(ReadOnlySpan<byte> bytes)
    {
        uint remainder = 0xFFFFFFFF;
        foreach (byte value in bytes)
        {
            remainder ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                remainder = (remainder >> 1) ^ ((remainder & 1) * 0x82F63B78);
            }
        }

        return ~remainder;
    }
}
