using System.Text.Json;
using DirKernels.Evaluation;
using DirKernels.Methods;
using DirKernels.Metrics;

namespace DirKernels.Cli;

/// <summary>A comparison as JSON, arrays over seeds; a region without test rows is null, and so is a number that is not defined.</summary>
internal static class ComparisonJson
{
    /// <summary>Version of the layout.</summary>
    public const string Schema = "dirkernels.comparison/1";

    /// <param name="writer">Receives the JSON.</param>
    /// <param name="data">Names and sizes of the data.</param>
    /// <param name="outcomes">[methods][seeds].</param>
    /// <param name="summary">The same evaluated.</param>
    /// <param name="extras">What options add.</param>
    public static void Write(
        TextWriter writer, ComparedData data, MethodOutcome[][] outcomes, ComparisonSummary summary, IReadOnlyList<ComparisonExtra> extras)
    {
        JsonOutput.Write(writer, Schema, json =>
        {
            WriteContent(json, data, outcomes, summary);
            foreach (ComparisonExtra extra in extras)
            {
                extra.WriteJson(json);
            }
        });
    }

    private static void WriteContent(Utf8JsonWriter json, ComparedData data, MethodOutcome[][] outcomes, ComparisonSummary summary)
    {
        json.WriteString("data", data.Name);
        json.WriteString("target", data.Target);
        json.WriteNumber("train", data.Train);
        json.WriteNumber("validation", data.Validation);
        json.WriteNumber("test", data.Test);
        json.WriteString("bins", data.Bins.ToString());
        json.WriteStartArray("seeds");
        foreach (MethodOutcome outcome in outcomes[0])
        {
            json.WriteNumberValue(outcome.Seed);
        }

        json.WriteEndArray();
        json.WriteStartArray("methods");
        for (int method = 0; method < outcomes.Length; method++)
        {
            WriteMethod(json, outcomes[method], outcomes[0], summary, method);
        }

        json.WriteEndArray();
        ComparisonSummaryJson.WriteRoot(json, summary);
        json.WriteString("verdict", CorrectedVerdict.Of(outcomes, summary.Standings));
    }

    private static void WriteMethod(Utf8JsonWriter json, MethodOutcome[] seeds, MethodOutcome[] baseline, ComparisonSummary summary, int method)
    {
        json.WriteStartObject();
        json.WriteString("name", seeds[0].Method.Name);
        if (seeds[0].Resampling is { } resampling)
        {
            json.WriteString("resampling", resampling);
        }

        WriteArray(json, "seconds", seeds, outcome => outcome.Seconds);
        WriteArray(json, "bestEpoch", seeds, outcome => outcome.BestEpoch);
        WriteArray(json, "validationError", seeds, outcome => outcome.ValidationError);
        foreach (ReportRegion region in ReportRegion.All)
        {
            WriteRegion(json, region, seeds);
        }

        WriteArray(json, "bmae", seeds, outcome => outcome.Test.BalancedMeanAbsoluteError);
        WriteArray(json, "bmse", seeds, outcome => outcome.Test.BalancedMeanSquaredError);
        if (seeds != baseline && seeds.Length > 1)
        {
            WriteDifferences(json, seeds, baseline);
        }

        ComparisonSummaryJson.WriteMethod(json, summary, method);
        json.WriteEndObject();
    }

    private static void WriteRegion(Utf8JsonWriter json, ReportRegion region, MethodOutcome[] seeds)
    {
        if (region.Of(seeds[0].Test) is not { } first)
        {
            json.WriteNull(region.Key);
            return;
        }

        json.WriteStartObject(region.Key);
        json.WriteNumber("count", first.Count);
        WriteArray(json, "mae", seeds, outcome => region.Of(outcome.Test)!.MeanAbsoluteError);
        WriteArray(json, "gm", seeds, outcome => region.Of(outcome.Test)!.GeometricMean);
        WriteArray(json, "mse", seeds, outcome => region.Of(outcome.Test)!.MeanSquaredError);
        WriteArray(json, "rmse", seeds, outcome => region.Of(outcome.Test)!.RootMeanSquaredError);
        WriteArray(json, "pearson", seeds, outcome => region.Of(outcome.Test)!.Pearson);
        WriteArray(json, "spearman", seeds, outcome => region.Of(outcome.Test)!.Spearman);
        WriteArray(json, "r2", seeds, outcome => region.Of(outcome.Test)!.RSquared);
        json.WriteEndObject();
    }

    private static void WriteDifferences(Utf8JsonWriter json, MethodOutcome[] seeds, MethodOutcome[] baseline)
    {
        json.WriteStartObject("maeDifference");
        foreach (ReportRegion region in ReportRegion.All)
        {
            WriteDifference(
                json,
                region.Key,
                ComparisonSeries.Of(seeds, region, errors => errors.MeanAbsoluteError),
                ComparisonSeries.Of(baseline, region, errors => errors.MeanAbsoluteError));
        }

        WriteDifference(json, "bmae", ComparisonSeries.Balanced(seeds), ComparisonSeries.Balanced(baseline));
        json.WriteEndObject();
    }

    private static void WriteDifference(Utf8JsonWriter json, string key, double[]? series, double[]? baseline)
    {
        if (series is null || baseline is null)
        {
            json.WriteNull(key);
            return;
        }

        PairedDifference difference = PairedDifference.Compute(series, baseline);
        json.WriteStartObject(key);
        json.WriteNumber("mean", difference.Mean);
        json.WriteNumber("lower", difference.Lower!.Value);
        json.WriteNumber("upper", difference.Upper!.Value);
        json.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter json, string name, MethodOutcome[] seeds, Func<MethodOutcome, double?> number)
    {
        json.WriteStartArray(name);
        foreach (MethodOutcome outcome in seeds)
        {
            if (number(outcome) is { } value)
            {
                json.WriteNumberValue(value);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndArray();
    }
}
