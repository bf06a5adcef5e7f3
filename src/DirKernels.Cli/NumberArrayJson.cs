using System.Text.Json;

namespace DirKernels.Cli;

/// <summary>Arrays of numbers in JSON; null where there is no number, or no array.</summary>
internal static class NumberArrayJson
{
    public static void Write(Utf8JsonWriter json, string name, ReadOnlySpan<double> values)
    {
        json.WritePropertyName(name);
        WriteRow(json, values);
    }

    /// <summary>An array without a name, inside another.</summary>
    public static void WriteRow(Utf8JsonWriter json, ReadOnlySpan<double> values)
    {
        json.WriteStartArray();
        foreach (double value in values)
        {
            WriteValue(json, value);
        }

        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, string name, double[]? values)
    {
        if (values is null)
        {
            json.WriteNull(name);
            return;
        }

        Write(json, name, values.AsSpan());
    }

    public static void Write(Utf8JsonWriter json, string name, double?[] values)
    {
        json.WriteStartArray(name);
        foreach (double? value in values)
        {
            WriteValue(json, value ?? double.NaN);
        }

        json.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
