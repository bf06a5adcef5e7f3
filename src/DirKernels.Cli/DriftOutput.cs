using System.Globalization;
using System.Text.Json;
using DirKernels.Monitoring;

namespace DirKernels.Cli;

/// <summary>Writes what became of the inputs and predictions of a model.</summary>
internal static class DriftOutput
{
    private const string Schema = "dirkernels.drift/1";
    private const double Noticeable = 0.1;
    private const double Large = 0.25;

    /// <param name="writer">Receives text or JSON.</param>
    /// <param name="report">What to write.</param>
    /// <param name="names">Names of the inputs.</param>
    /// <param name="shown">Inputs in the text.</param>
    /// <param name="asJson">JSON instead of text.</param>
    public static void Write(TextWriter writer, DriftReport report, IReadOnlyList<string> names, int shown, bool asJson)
    {
        if (asJson)
        {
            WriteJson(writer, report, names);
            return;
        }

        writer.WriteLine(FormattableString.Invariant($"{report.Rows} rows against {report.ReferenceRows} training rows"));
        writer.WriteLine();
        int[] order = [.. Enumerable.Range(0, names.Count).OrderByDescending(input => report.Inputs[input].StabilityIndex - report.Inputs[input].Expected)];
        var table = new TextTable("population stability index over what chance gives: above 0.1 look, above 0.25 a shift", ["", "index", "by chance", "largest gap", "mean shift", "spread", ""]);
        Add(table, "predictions", report.Predictions);
        foreach (int input in order.Take(shown))
        {
            Add(table, names[input], report.Inputs[input]);
        }

        table.Write(writer);
        writer.WriteLine(FormattableString.Invariant(
            $"{report.Inputs.Count(measure => measure.Exceeds(Large))} of {names.Count} inputs shifted, {report.Inputs.Count(measure => measure.Exceeds(Noticeable) && !measure.Exceeds(Large))} to look at"));
    }

    private static void Add(TextTable table, string name, DriftMeasure measure) => table.Add(
    [
        name,
        Number(measure.StabilityIndex, "F4"),
        Number(measure.Expected, "F4"),
        Number(measure.LargestGap, "F3"),
        Number(measure.MeanShift, "+0.00;-0.00;0.00"),
        Number(measure.SpreadRatio, "F2"),
        measure.Exceeds(Large) ? "shift" : measure.Exceeds(Noticeable) ? "look" : "",
    ]);

    private static string Number(double value, string format) => double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);

    private static void WriteJson(TextWriter writer, DriftReport report, IReadOnlyList<string> names) => JsonOutput.Write(writer, Schema, json =>
    {
        json.WriteNumber("rows", report.Rows);
        json.WriteNumber("trainingRows", report.ReferenceRows);
        json.WritePropertyName("predictions");
        WriteMeasure(json, null, report.Predictions);
        json.WriteStartArray("inputs");
        for (int input = 0; input < names.Count; input++)
        {
            WriteMeasure(json, names[input], report.Inputs[input]);
        }

        json.WriteEndArray();
    });

    private static void WriteMeasure(Utf8JsonWriter json, string? name, DriftMeasure measure)
    {
        json.WriteStartObject();
        if (name is not null)
        {
            json.WriteString("name", name);
        }

        json.WriteNumber("stabilityIndex", measure.StabilityIndex);
        json.WriteNumber("expected", measure.Expected);
        json.WriteNumber("largestGap", measure.LargestGap);
        WriteOptional(json, "meanShift", measure.MeanShift);
        WriteOptional(json, "spreadRatio", measure.SpreadRatio);
        json.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsNaN(value))
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteNumber(name, value);
        }
    }
}
