using System.Text.Json;
using DirKernels.Diagnostics;

namespace DirKernels.Cli;

/// <summary>A diagnosis as JSON; bins without rows have null where others have numbers, matrices are arrays of rows.</summary>
internal static class DiagnosisJson
{
    /// <summary>Version of the layout.</summary>
    public const string Schema = "dirkernels.diagnosis/1";

    public static void Write(TextWriter writer, ComparedData data, Diagnosis diagnosis) => JsonOutput.Write(writer, Schema, json =>
    {
        json.WriteString("data", data.Name);
        json.WriteString("target", data.Target);
        json.WriteNumber("train", data.Train);
        json.WriteNumber("validation", data.Validation);
        json.WriteNumber("test", data.Test);
        json.WriteString("bins", data.Bins.ToString());
        NumberArrayJson.Write(json, "edges", diagnosis.Bins.Edges);
        NumberArrayJson.Write(json, "empirical", diagnosis.EmpiricalDensity);
        NumberArrayJson.Write(json, "effective", diagnosis.EffectiveDensity);
        NumberArrayJson.Write(json, "binMae", diagnosis.BinErrors);
        DensityCorrelations correlations = diagnosis.Correlations;
        json.WriteStartObject("correlation");
        json.WriteString("rows", diagnosis.JudgesTestRows ? "test" : "validation");
        json.WriteNumber("bins", correlations.Bins);
        JsonOutput.WriteNumberOrNull(json, "empirical", correlations.Empirical);
        JsonOutput.WriteNumberOrNull(json, "logEmpirical", correlations.LogEmpirical);
        JsonOutput.WriteNumberOrNull(json, "effective", correlations.Effective);
        JsonOutput.WriteNumberOrNull(json, "logEffective", correlations.LogEffective);
        json.WriteEndObject();
        WriteGeometry(json, "withoutFds", diagnosis.Before);
        WriteGeometry(json, "withFds", diagnosis.After);
        json.WriteStartObject("smoothingDistance");
        NumberArrayJson.Write(json, "means", [.. diagnosis.Distances.Means]);
        NumberArrayJson.Write(json, "variances", [.. diagnosis.Distances.Variances]);
        json.WriteEndObject();
        WriteSuggestion(json, diagnosis.Suggestion, data.Target);
    });

    private static void WriteGeometry(Utf8JsonWriter json, string name, FeatureGeometry geometry)
    {
        json.WriteStartObject(name);
        json.WriteNumber("anchor", geometry.Anchor);
        json.WriteStartArray("count");
        foreach (long count in geometry.Counts)
        {
            json.WriteNumberValue(count);
        }

        json.WriteEndArray();
        NumberArrayJson.Write(json, "meanToAnchor", geometry.MeanToAnchor.AsSpan());
        NumberArrayJson.Write(json, "varianceToAnchor", geometry.VarianceToAnchor.AsSpan());
        WriteMatrix(json, "means", geometry.Means, geometry.Counts.Length);
        WriteMatrix(json, "variances", geometry.Variances, geometry.Counts.Length);
        json.WriteEndObject();
    }

    private static void WriteMatrix(Utf8JsonWriter json, string name, double[] values, int columns)
    {
        json.WriteStartArray(name);
        for (int start = 0; start < values.Length; start += columns)
        {
            NumberArrayJson.WriteRow(json, values.AsSpan(start, columns));
        }

        json.WriteEndArray();
    }

    private static void WriteSuggestion(Utf8JsonWriter json, BinSuggestion suggestion, string target)
    {
        json.WriteStartObject("suggestion");
        json.WriteString("sentence", suggestion.Sentence(target));
        json.WriteString("freedmanDiaconis", suggestion.Rule.ToString());
        json.WriteStartArray("trials");
        foreach (BinTrial trial in suggestion.Trials)
        {
            json.WriteStartObject();
            json.WriteNumber("lower", trial.Bins.Edges[0]);
            json.WriteNumber("width", trial.Width);
            json.WriteNumber("count", trial.Bins.Count);
            json.WriteString("kernel", trial.Kernel?.Shape.ToString().ToLowerInvariant() ?? "none");
            JsonOutput.WriteNumberOrNull(json, "size", trial.Kernel?.Size);
            JsonOutput.WriteNumberOrNull(json, "sigma", trial.Kernel?.Sigma);
            NumberArrayJson.Write(json, "bmae", trial.ValidationErrors);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
