using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace DirKernels.Data;

/// <summary>Decimal numbers of few digits as whole numbers over a power of ten: half or a quarter of what the same numbers take in double precision, which cannot hold most of them exactly.</summary>
/// <remarks>
/// A decimal number that is read as text is the double nearest to m / 10^d, and so is the quotient of the two, which are exact: it comes back to the bit. The smallest whole number of a size
/// stands for NaN.
/// </remarks>
/// <param name="digits">d, digits behind the point, 0..9.</param>
/// <param name="isWide">Whole numbers of four bytes instead of two.</param>
/// <param name="hasMissing">Whether there is NaN among the values.</param>
internal readonly struct DecimalChunk(int digits, bool isWide, bool hasMissing)
{
    /// <summary>Most digits behind the point.</summary>
    public const int MostDigits = 9;

    // The byte of such an encoding: this bit, size, missing, an unused bit, digits.
    private const int Mark = 0x80;
    private const int WideBit = 0x40;
    private const int MissingBit = 0x20;
    private const int DigitsMask = 0x1F;

    private DecimalChunk(ChunkEncoding encoding)
        : this((int)encoding & DigitsMask, ((int)encoding & WideBit) != 0, ((int)encoding & MissingBit) != 0)
    {
    }

    /// <summary>10^0 to 10^9.</summary>
    public static ReadOnlySpan<double> PowersOfTen => [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

    /// <summary>The number of this encoding in a file.</summary>
    public ChunkEncoding Encoding => (ChunkEncoding)(Mark | (isWide ? WideBit : 0) | (hasMissing ? MissingBit : 0) | digits);

    /// <summary>Bytes of a number.</summary>
    public int ElementSize => isWide ? sizeof(int) : sizeof(short);

    /// <summary>Whether an encoding is one of these.</summary>
    public static bool Is(ChunkEncoding encoding) => ((int)encoding & Mark) != 0 && ((int)encoding & DigitsMask) <= MostDigits;

    /// <summary>What an encoding says.</summary>
    public static DecimalChunk Of(ChunkEncoding encoding) => new(encoding);

    /// <summary>Writes numbers that a <see cref="DecimalFit"/> found to fit.</summary>
    public void Write(ReadOnlySpan<double> values, Span<byte> chunk)
    {
        for (int i = 0; i < values.Length; i++)
        {
            int whole = (int)Math.Round(values[i] * PowersOfTen[digits]);
            if (isWide)
            {
                BinaryPrimitives.WriteInt32LittleEndian(chunk[(i * sizeof(int))..], double.IsNaN(values[i]) ? int.MinValue : whole);
            }
            else
            {
                BinaryPrimitives.WriteInt16LittleEndian(chunk[(i * sizeof(short))..], double.IsNaN(values[i]) ? short.MinValue : (short)whole);
            }
        }
    }

    /// <summary>Reads numbers.</summary>
    /// <param name="part">As many as there is room for.</param>
    /// <param name="values">Receives them.</param>
    public void Read(ReadOnlySpan<byte> part, Span<double> values)
    {
        if (isWide)
        {
            TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, int>(part), values);
        }
        else
        {
            TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, short>(part), values);
        }

        if (hasMissing)
        {
            values.Replace(isWide ? int.MinValue : short.MinValue, double.NaN);
        }

        TensorPrimitives.Divide(values, PowersOfTen[digits], values);
    }
}
