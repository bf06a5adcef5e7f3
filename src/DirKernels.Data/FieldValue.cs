using System.Globalization;
using System.Text;

namespace DirKernels.Data;

/// <summary>What the text of one field stands for, decided with care rather than speed.</summary>
internal static class FieldValue
{
    public enum Kind
    {
        Missing,
        Number,
        NotFinite,
        Text,
    }

    /// <summary>The kind of a field, and its number when it is one. Surrounding spaces do not count; digit groups are text, so that <c>1,5</c> is not 15.</summary>
    public static Kind Classify(ReadOnlySpan<byte> utf8, out double number)
    {
        ReadOnlySpan<byte> value = Trim(utf8);
        number = double.NaN;
        if (IsMissing(value))
        {
            return Kind.Missing;
        }

        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double parsed))
        {
            number = parsed;
            return double.IsFinite(parsed) ? Kind.Number : Kind.NotFinite;
        }

        ReadOnlySpan<byte> unsigned = value[0] is (byte)'+' or (byte)'-' ? value[1..] : value;
        return Ascii.EqualsIgnoreCase(unsigned, "inf"u8) || Ascii.EqualsIgnoreCase(unsigned, "nan"u8) ? Kind.NotFinite : Kind.Text;
    }

    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> utf8) => utf8[Ascii.Trim(utf8)];

    /// <summary>The field for a message: its beginning, on one line.</summary>
    public static string Excerpt(ReadOnlySpan<byte> utf8)
    {
        string text = Encoding.UTF8.GetString(Trim(utf8)).ReplaceLineEndings(" ");
        return text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "...");
    }

    private static bool IsMissing(ReadOnlySpan<byte> value) => value.Length switch
    {
        0 => true,
        1 => value[0] == '?',
        2 => Ascii.EqualsIgnoreCase(value, "na"u8),
        3 => Ascii.EqualsIgnoreCase(value, "n/a"u8),
        4 => Ascii.EqualsIgnoreCase(value, "null"u8),
        _ => false,
    };
}
