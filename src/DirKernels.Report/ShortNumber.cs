using System.Globalization;

namespace DirKernels.Report;

/// <summary>Numbers for people: three significant digits or more, as many decimals as the larger of a pair needs.</summary>
public static class ShortNumber
{
    /// <summary>Decimals that show three significant digits of a number.</summary>
    public static int Decimals(double magnitude) =>
        magnitude == 0 || !double.IsFinite(magnitude) ? 2 : Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(magnitude))), 0, 12);

    /// <summary>A number with a given number of decimals.</summary>
    public static string Format(double number, int decimals) => number.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>A number with three significant digits, without an exponent.</summary>
    public static string Format(double number) => Format(number, Decimals(number));
}
