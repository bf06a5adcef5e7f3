using System.Globalization;
using System.Text.Json;
using DirKernels.Metrics;

namespace DirKernels.Cli;

/// <summary>The two forms of an evaluation by shot region.</summary>
internal static class ShotReportOutput
{
    private const int NumberWidth = 11;

    /// <summary>A table of regions; a region without rows shows dashes.</summary>
    public static void WriteText(TextWriter writer, ShotReport report)
    {
        writer.Write(FormattableString.Invariant($"{"region",-9}{"rows",8}{"MAE",NumberWidth}{"RMSE",NumberWidth}{"GM",NumberWidth}{"Pearson",NumberWidth}\n"));
        foreach (ReportRegion region in ReportRegion.All)
        {
            RegressionErrors? errors = region.Of(report);
            string count = errors?.Count.ToString(CultureInfo.InvariantCulture) ?? "-";
            writer.Write(FormattableString.Invariant(
                $"{region.Title,-9}{count,8}{Number(errors?.MeanAbsoluteError)}{Number(errors?.RootMeanSquaredError)}{Number(errors?.GeometricMean)}{Number(errors?.Pearson)}\n"));
        }

        writer.Write(FormattableString.Invariant($"bMAE {report.BalancedMeanAbsoluteError:G5} (mean over the {report.Bins.Count(bin => bin.TestCount > 0)} bins with rows)\n"));
    }

    /// <summary>The properties <c>overall, many, medium, few, zeroShot, bmae, bins</c>.</summary>
    public static void WriteJson(Utf8JsonWriter json, ShotReport report)
    {
        foreach (ReportRegion region in ReportRegion.All)
        {
            if (region.Of(report) is not { } errors)
            {
                json.WriteNull(region.Key);
                continue;
            }

            json.WriteStartObject(region.Key);
            json.WriteNumber("count", errors.Count);
            JsonOutput.WriteNumberOrNull(json, "mae", errors.MeanAbsoluteError);
            JsonOutput.WriteNumberOrNull(json, "mse", errors.MeanSquaredError);
            JsonOutput.WriteNumberOrNull(json, "rmse", errors.RootMeanSquaredError);
            JsonOutput.WriteNumberOrNull(json, "gm", errors.GeometricMean);
            JsonOutput.WriteNumberOrNull(json, "pearson", errors.Pearson);
            JsonOutput.WriteNumberOrNull(json, "spearman", errors.Spearman);
            JsonOutput.WriteNumberOrNull(json, "r2", errors.RSquared);
            json.WriteEndObject();
        }

        JsonOutput.WriteNumberOrNull(json, "bmae", report.BalancedMeanAbsoluteError);
        json.WriteStartArray("bins");
        foreach (BinErrors bin in report.Bins)
        {
            json.WriteStartObject();
            json.WriteNumber("lower", bin.Lower);
            json.WriteNumber("upper", bin.Upper);
            json.WriteNumber("trainCount", bin.TrainCount);
            json.WriteNumber("count", bin.TestCount);
            JsonOutput.WriteNumberOrNull(json, "mae", bin.MeanAbsoluteError);
            JsonOutput.WriteNumberOrNull(json, "mse", bin.MeanSquaredError);
            JsonOutput.WriteNumberOrNull(json, "meanError", bin.MeanError);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Number(double? value) =>
        (value is { } number ? number.ToString("G5", CultureInfo.InvariantCulture) : "-").PadLeft(NumberWidth);
}
