using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace DirKernels.Data;

/// <summary>The values of one column in one block as bytes, little-endian, padded to a multiple of eight.</summary>
internal static class ColumnChunk
{
    /// <summary>Most different values of a text column: what codes of two bytes can tell apart.</summary>
    public const int LargestCategoryCount = 1 << 16;

    /// <summary>Whether an encoding is one of numbers.</summary>
    public static bool IsOfNumbers(ChunkEncoding encoding) => encoding is ChunkEncoding.UInt8 or (>= ChunkEncoding.Int16 and <= ChunkEncoding.Float64) || DecimalChunk.Is(encoding);

    /// <summary>Whether an encoding is one of codes of text.</summary>
    public static bool IsOfCodes(ChunkEncoding encoding) => encoding is ChunkEncoding.UInt8 or ChunkEncoding.UInt16;

    /// <summary>Bytes of a chunk.</summary>
    public static int Length(ChunkEncoding encoding, int rows) => checked((rows * ElementSize(encoding) + 7) & ~7);

    /// <summary>The smallest encoding that gives back every bit of the values.</summary>
    public static ChunkEncoding For(ReadOnlySpan<double> values)
    {
        bool isWhole = true, isSingle = true;
        var decimals = default(DecimalFit);
        double lowest = double.PositiveInfinity, highest = double.NegativeInfinity;
        foreach (double value in values)
        {
            // By bits: a negative zero is no whole number here, and NaN is NaN in single precision, too.
            isSingle = isSingle && BitConverter.DoubleToInt64Bits((float)value) == BitConverter.DoubleToInt64Bits(value);
            isWhole = isWhole && Math.Abs(value) <= int.MaxValue && BitConverter.DoubleToInt64Bits((int)value) == BitConverter.DoubleToInt64Bits(value);
            lowest = Math.Min(lowest, value);
            highest = Math.Max(highest, value);
            decimals.Add(value);
            if (!isSingle && !isWhole && decimals.HasFailed)
            {
                return ChunkEncoding.Float64;
            }
        }

        if (!isWhole)
        {
            return decimals.Chunk is { } chunk && (!isSingle || chunk.ElementSize < sizeof(float)) ? chunk.Encoding
                : isSingle ? ChunkEncoding.Float32 : ChunkEncoding.Float64;
        }

        return lowest >= 0 && highest <= byte.MaxValue ? ChunkEncoding.UInt8
            : lowest >= short.MinValue && highest <= short.MaxValue ? ChunkEncoding.Int16
            : isSingle ? ChunkEncoding.Float32 : ChunkEncoding.Int32;
    }

    /// <summary>The smallest encoding of codes.</summary>
    public static ChunkEncoding For(ReadOnlySpan<int> codes) => TensorPrimitives.Max(codes) <= byte.MaxValue ? ChunkEncoding.UInt8 : ChunkEncoding.UInt16;

    /// <summary>Writes numbers.</summary>
    public static void Write(ReadOnlySpan<double> values, ChunkEncoding encoding, Span<byte> chunk)
    {
        if (DecimalChunk.Is(encoding))
        {
            DecimalChunk.Of(encoding).Write(values, chunk);
            return;
        }

        int size = ElementSize(encoding);
        for (int i = 0; i < values.Length; i++)
        {
            Span<byte> element = chunk.Slice(i * size, size);
            switch (encoding)
            {
                case ChunkEncoding.UInt8:
                    element[0] = (byte)values[i];
                    break;
                case ChunkEncoding.Int16:
                    BinaryPrimitives.WriteInt16LittleEndian(element, (short)values[i]);
                    break;
                case ChunkEncoding.Int32:
                    BinaryPrimitives.WriteInt32LittleEndian(element, (int)values[i]);
                    break;
                case ChunkEncoding.Float32:
                    BinaryPrimitives.WriteSingleLittleEndian(element, (float)values[i]);
                    break;
                default:
                    BinaryPrimitives.WriteDoubleLittleEndian(element, values[i]);
                    break;
            }
        }
    }

    /// <summary>Writes codes of text.</summary>
    public static void Write(ReadOnlySpan<int> codes, ChunkEncoding encoding, Span<byte> chunk)
    {
        for (int i = 0; i < codes.Length; i++)
        {
            if (encoding == ChunkEncoding.UInt8)
            {
                chunk[i] = (byte)codes[i];
            }
            else
            {
                BinaryPrimitives.WriteUInt16LittleEndian(chunk[(2 * i)..], (ushort)codes[i]);
            }
        }
    }

    /// <summary>Reads some of the numbers.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="encoding">Its encoding.</param>
    /// <param name="first">The first number, counted from 0.</param>
    /// <param name="values">Receives as many as it holds.</param>
    public static void Read(ReadOnlySpan<byte> chunk, ChunkEncoding encoding, int first, Span<double> values)
    {
        int size = ElementSize(encoding);
        ReadOnlySpan<byte> part = chunk.Slice(first * size, values.Length * size);
        switch (encoding)
        {
            case ChunkEncoding.UInt8:
                TensorPrimitives.ConvertTruncating(part, values);
                break;
            case ChunkEncoding.Int16:
                TensorPrimitives.ConvertTruncating(Elements<short>(part), values);
                break;
            case ChunkEncoding.Int32:
                TensorPrimitives.ConvertTruncating(Elements<int>(part), values);
                break;
            case ChunkEncoding.Float32:
                TensorPrimitives.ConvertTruncating(Elements<float>(part), values);
                break;
            case ChunkEncoding.Float64:
                Elements<double>(part).CopyTo(values);
                break;
            default:
                DecimalChunk.Of(encoding).Read(part, values);
                break;
        }
    }

    /// <summary>Reads some of the codes; parameters as for numbers.</summary>
    public static void Read(ReadOnlySpan<byte> chunk, ChunkEncoding encoding, int first, Span<int> codes)
    {
        if (encoding == ChunkEncoding.UInt8)
        {
            TensorPrimitives.ConvertTruncating(chunk.Slice(first, codes.Length), codes);
        }
        else
        {
            TensorPrimitives.ConvertTruncating(Elements<ushort>(chunk.Slice(2 * first, 2 * codes.Length)), codes);
        }
    }

    private static int ElementSize(ChunkEncoding encoding) => encoding switch
    {
        ChunkEncoding.UInt8 => 1,
        ChunkEncoding.UInt16 or ChunkEncoding.Int16 => 2,
        ChunkEncoding.Int32 or ChunkEncoding.Float32 => 4,
        ChunkEncoding.Float64 => 8,
        _ => DecimalChunk.Of(encoding).ElementSize,
    };

    // The processors that the library runs on are little-endian, as the runtime's own vectors assume.
    private static ReadOnlySpan<T> Elements<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(bytes);
}
