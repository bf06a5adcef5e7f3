namespace DirKernels.Data;

/// <summary>Parses plain decimal numbers fast: the bits are those of the runtime's parser.</summary>
/// <remarks>
/// Up to 15 digits are a whole number below 2^53, and powers of ten up to 10^22 are exact, so that their one division is rounded correctly. Source: Clinger,
/// "How to read floating point numbers accurately", PLDI 1990.
/// </remarks>
internal static class DecimalNumber
{
    private const int MostDigits = 15;

    private static readonly double[] _powers = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>Parses <c>[-]digits[.digits]</c> with at most 15 digits, zeros in front among them.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="value">The number.</param>
    /// <returns>False for everything else, which may yet be a number.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        bool isNegative = !text.IsEmpty && text[0] == '-';
        long digits = 0;
        int count = 0, whole = -1;
        for (int i = isNegative ? 1 : 0; i < text.Length; i++)
        {
            uint digit = text[i] - (uint)'0';
            if (digit <= 9)
            {
                digits = 10 * digits + digit;
                count++;
            }
            else if (text[i] == '.' && whole < 0)
            {
                whole = count;
            }
            else
            {
                return false;
            }
        }

        if (count is 0 or > MostDigits)
        {
            return false;
        }

        double size = whole < 0 ? digits : digits / _powers[count - whole];
        value = isNegative ? -size : size;
        return true;
    }
}
