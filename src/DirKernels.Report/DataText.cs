using System.Globalization;

namespace DirKernels.Report;

/// <summary>Numbers as they stand in <c>data-*</c> attributes: all digits, separated by blanks, <c>-</c> where there is none.</summary>
internal static class DataText
{
    /// <summary>One number.</summary>
    public static string Of(double? value) => value is { } number ? number.ToString("R", CultureInfo.InvariantCulture) : "-";

    /// <summary>A list of numbers.</summary>
    public static string Of(IEnumerable<double?> values) => string.Join(' ', values.Select(Of));

    /// <summary>A list of numbers.</summary>
    public static string Of(IEnumerable<double> values) => string.Join(' ', values.Select(value => Of(value)));
}
