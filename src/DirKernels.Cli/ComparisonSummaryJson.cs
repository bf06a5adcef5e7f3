using System.Text.Json;
using DirKernels.Evaluation;
using DirKernels.Metrics;

namespace DirKernels.Cli;

/// <summary>The evaluated part of a comparison's JSON: the numbers behind every figure and table of its report.</summary>
internal static class ComparisonSummaryJson
{
    /// <summary>Properties of the whole comparison.</summary>
    public static void WriteRoot(Utf8JsonWriter json, ComparisonSummary summary)
    {
        json.WriteString("best", summary.Names[summary.Best]);
        json.WriteStartObject("labelDensity");
        NumberArrayJson.Write(json, "edges", summary.Bins.Edges);
        NumberArrayJson.Write(json, "empirical", summary.EmpiricalDensity);
        NumberArrayJson.Write(json, "effective", summary.EffectiveDensity);
        json.WriteStartArray("region");
        foreach (ShotRegion region in summary.Regions)
        {
            json.WriteStringValue(region == ShotRegion.ZeroShot ? "zeroShot" : region.ToString().ToLowerInvariant());
        }

        json.WriteEndArray();
        json.WriteEndObject();
        int[] rows = PredictionFigure.RowsOf(summary);
        json.WriteStartObject("predictions");
        json.WriteNumber("seed", summary.Outcomes[0][0].Seed);
        NumberArrayJson.Write(json, "label", Array.ConvertAll(rows, row => summary.TestLabels[row]));
        foreach (int method in new[] { 0, summary.Best }.Distinct())
        {
            NumberArrayJson.Write(json, summary.Names[method], Array.ConvertAll(rows, row => summary.Outcomes[method][0].Predictions[row]));
        }

        json.WriteEndObject();
    }

    /// <summary>Properties of one method.</summary>
    public static void WriteMethod(Utf8JsonWriter json, ComparisonSummary summary, int method)
    {
        FurtherMeasures further = summary.Further[method];
        NumberArrayJson.Write(json, "bmase", further.BalancedScaledError);
        NumberArrayJson.Write(json, "sera", further.Sera);
        NumberArrayJson.Write(json, "binMae", summary.BinErrorsOf(method));
        UncertaintyOutput.WriteJson(json, summary.Uncertainties[method]);
        LearningCurve curve = LearningCurve.Of(summary.Outcomes[method]);
        json.WriteStartObject("validationCurve");
        NumberArrayJson.Write(json, "mean", curve.Mean);
        NumberArrayJson.Write(json, "lower", curve.Lower);
        NumberArrayJson.Write(json, "upper", curve.Upper);
        json.WriteEndObject();
        json.WriteStartObject("interval");
        foreach (ErrorMeasure measure in ErrorMeasure.All)
        {
            WriteInterval(json, measure.Key, measure.Series(summary.Outcomes[method]));
        }

        json.WriteEndObject();
        if (method > 0 && summary.Outcomes[0].Count > 1)
        {
            WriteStanding(json, summary.Standings[method - 1]);
        }
    }

    private static void WriteInterval(Utf8JsonWriter json, string key, double[]? series)
    {
        if (series is null)
        {
            json.WriteNull(key);
            return;
        }

        MeanInterval interval = MeanInterval.Compute(series);
        json.WriteStartObject(key);
        json.WriteNumber("mean", interval.Mean);
        JsonOutput.WriteNumberOrNull(json, "lower", interval.Lower);
        JsonOutput.WriteNumberOrNull(json, "upper", interval.Upper);
        json.WriteEndObject();
    }

    private static void WriteStanding(Utf8JsonWriter json, MethodStanding standing)
    {
        json.WriteStartObject("standing");
        json.WriteNumber("wins", standing.Wins);
        json.WriteNumber("ties", standing.Ties);
        json.WriteNumber("losses", standing.Losses);
        for (int i = 0; i < ErrorMeasure.All.Count; i++)
        {
            if (standing.Measures[i] is not { } measure)
            {
                json.WriteNull(ErrorMeasure.All[i].Key);
                continue;
            }

            json.WriteStartObject(measure.Measure.Key);
            json.WriteString("decision", measure.Decision.ToString().ToLowerInvariant());
            json.WriteNumber("mean", measure.Difference.Mean);
            JsonOutput.WriteNumberOrNull(json, "jointLower", measure.Simultaneous.Lower);
            JsonOutput.WriteNumberOrNull(json, "jointUpper", measure.Simultaneous.Upper);
            JsonOutput.WriteNumberOrNull(json, "holmP", measure.AdjustedP);
            json.WriteNumber("seedWins", measure.SeedWins);
            json.WriteNumber("seedLosses", measure.SeedLosses);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
