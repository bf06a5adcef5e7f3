using System.Globalization;

namespace DirKernels.Cli;

/// <summary>Writes the shortest text of a double that reads back to the same bits: what the runtime writes, but faster for numbers of everyday size.</summary>
/// <remarks>
/// All numbers between (m - 1/2) 2^e and (m + 1/2) 2^e read back as m 2^e (at a power of two, from (m - 1/4) 2^e). Times that power of ten which gives m 2^e 17
/// digits, these bounds are exact in 128 bits from 1/256 to 1e15, where none is itself a number of 17 digits. The shortest text is that multiple of the
/// largest power of ten between them which lies nearest, of two as near the even one. Source: Steele and White, "How to print floating-point numbers
/// accurately", PLDI 1990.
/// </remarks>
internal static class ShortestNumber
{
    /// <summary>Characters that the longest text has.</summary>
    public const int MostCharacters = 24;

    private const double Least = 1.0 / 256, Bound = 1e15;
    private const int MantissaBits = 52, ExponentBias = 1075, Digits = 17;

    private static readonly ulong[] _powers = [.. Enumerable.Range(0, 20).Select(power => (ulong)UInt128.Parse("1" + new string('0', power), CultureInfo.InvariantCulture))];

    /// <summary>Writes a finite number.</summary>
    /// <param name="value">The number.</param>
    /// <param name="text">Receives at most <see cref="MostCharacters"/>.</param>
    /// <returns>Characters written.</returns>
    public static int Write(double value, Span<char> text)
    {
        double size = Math.Abs(value);
        if (!(size >= Least && size < Bound))
        {
            value.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
            return length;
        }

        int at = 0;
        if (value < 0)
        {
            text[at++] = '-';
        }

        (ulong digits, int decimals) = Shortest(size);
        ulong one = _powers[decimals], whole = digits / one, fraction = digits - whole * one;
        whole.TryFormat(text[at..], out int wholeLength, default, CultureInfo.InvariantCulture);
        at += wholeLength;
        if (decimals > 0)
        {
            text[at] = '.';
            WriteDigits(fraction, text.Slice(at + 1, decimals));
            at += 1 + decimals;
        }

        return at;
    }

    /// <summary>Fills a text with the last digits of a number.</summary>
    private static void WriteDigits(ulong number, Span<char> text)
    {
        // Two digits at a time: each division waits for the one before.
        int left = text.Length;
        for (; left > 1; left -= 2)
        {
            (number, ulong pair) = Math.DivRem(number, 100);
            text[left - 1] = (char)('0' + pair % 10);
            text[left - 2] = (char)('0' + pair / 10);
        }

        if (left == 1)
        {
            text[0] = (char)('0' + number);
        }
    }

    /// <summary>The digits of the shortest text and how many of them stand behind the point.</summary>
    private static (ulong Digits, int Decimals) Shortest(double size)
    {
        long bits = BitConverter.DoubleToInt64Bits(size);
        int exponent = (int)(bits >> MantissaBits) - ExponentBias;
        ulong mantissa = (ulong)bits & ((1UL << MantissaBits) - 1) | 1UL << MantissaBits;

        // In quarters of the last bit; 1233 / 4096 is log10 2 from below, so that the power of ten may be one too high.
        int shift = 2 - exponent, power = Digits - 1 - ((exponent + MantissaBits) * 1233 >> 12);
        if (Scale(mantissa, shift, power) >= _powers[Digits])
        {
            power--;
        }

        ulong ten = _powers[power];
        UInt128 quarters = Math.BigMul(mantissa << 2, ten), mask = ((UInt128)1 << shift) - 1;
        ulong below = (ulong)(quarters >> shift);
        ulong low = (ulong)((quarters - (mantissa == 1UL << MantissaBits ? ten : (UInt128)ten << 1) + mask) >> shift);
        ulong high = (ulong)((quarters + ((UInt128)ten << 1)) >> shift);
        int zeros = 0;
        while (zeros < power && high / _powers[zeros + 1] * _powers[zeros + 1] >= low)
        {
            zeros++;
        }

        ulong unit = _powers[zeros], nearest = below / unit, rest = below - nearest * unit;
        UInt128 twice = ((UInt128)rest << shift | quarters & mask) << 1, middle = (UInt128)unit << shift;
        nearest += twice > middle || (twice == middle && (nearest & 1) == 1) ? 1UL : 0;
        nearest += nearest * unit < low ? 1UL : 0;
        nearest -= nearest * unit > high ? 1UL : 0;
        return (nearest, power - zeros);
    }

    private static ulong Scale(ulong mantissa, int shift, int power) => (ulong)(Math.BigMul(mantissa << 2, _powers[power]) >> shift);
}
