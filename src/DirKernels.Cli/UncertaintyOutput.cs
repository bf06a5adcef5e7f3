using System.Globalization;
using System.Text.Json;
using DirKernels.Evaluation;
using DirKernels.Metrics;

namespace DirKernels.Cli;

/// <summary>How well uncertainties fit errors, as text and as JSON: of one model, and of the methods of a comparison.</summary>
internal static class UncertaintyOutput
{
    private static readonly string[] _columns = ["50 %", "80 %", "90 %", "95 %", "ACE", "NLL", "mean sd", "ENCE"];

    private static readonly int[] _percents = [50, 80, 90, 95];

    private static readonly (string Key, Func<UncertaintyErrors, double?> Of)[] _numbers =
    [
        ("calibrationError", errors => errors.CalibrationError),
        ("nll", errors => errors.NegativeLogLikelihood),
        ("meanDeviation", errors => errors.MeanDeviation),
        ("ence", errors => errors.Ence),
    ];

    /// <summary>A table of the regions of one model; nothing when it does not say how uncertain it is.</summary>
    public static void WriteText(TextWriter writer, UncertaintyReport? report)
    {
        if (report is null)
        {
            return;
        }

        var table = new TextTable(
            $"uncertainty as {NameOf(report.Distribution)} distributions: % of the labels within central intervals of",
            ["region", "rows", .. _columns]);
        foreach (UncertaintyRegion region in UncertaintyRegion.All)
        {
            UncertaintyErrors? errors = region.Of(report);
            string Cell(double? value, string format) => value is { } number ? number.ToString(format, CultureInfo.InvariantCulture) : "-";
            table.Add(
            [
                region.Title, Cell(errors?.Count, "0"),
                .. _percents.Select(percent => Cell(100 * errors?.CoverageAt(percent), "0.0")),
                Cell(100 * errors?.CalibrationError, "0.0"),
                .. _numbers.Skip(1).Select(number => Cell(errors is null ? null : number.Of(errors), "G4")),
            ]);
        }

        writer.WriteLine();
        table.Write(writer);
        writer.WriteLine("ACE: mean distance of these shares from 19 levels, in %; NLL: mean negative log-likelihood; ENCE: relative distance of deviations from errors");
    }

    /// <summary>A table of the methods of a comparison that say how uncertain they are, a row for each region; nothing when none does.</summary>
    public static void WriteText(TextWriter writer, ComparisonSummary summary)
    {
        UncertaintySeries[] series = [.. summary.Uncertainties.OfType<UncertaintySeries>()];
        if (series.Length == 0)
        {
            return;
        }

        var table = new TextTable(
            "Uncertainty on the test rows: % of the labels within central intervals of, mean ± standard deviation over seeds", ["method", "region", .. _columns]);
        foreach (UncertaintySeries method in series)
        {
            foreach (UncertaintyRegion region in UncertaintyRegion.All.Where(region => region.Of(method.Seeds[0]) is not null))
            {
                table.Add(
                [
                    $"{method.Name} ({NameOf(method.Distribution)})", region.Title,
                    .. _percents.Select(percent => ComparisonTable.MeanCell(method.Of(region, errors => 100 * errors.CoverageAt(percent)))),
                    ComparisonTable.MeanCell(method.Of(region, errors => 100 * errors.CalibrationError)),
                    .. _numbers.Skip(1).Select(number => ComparisonTable.MeanCell(method.Of(region, number.Of))),
                ]);
            }
        }

        table.Write(writer);
        writer.WriteLine();
    }

    /// <summary>The property <c>uncertainty</c> of one model; null when it does not say how uncertain it is.</summary>
    public static void WriteJson(Utf8JsonWriter json, UncertaintyReport? report)
    {
        if (report is null)
        {
            json.WriteNull("uncertainty");
            return;
        }

        WriteStart(json, report.Distribution);
        foreach (UncertaintyRegion region in UncertaintyRegion.All)
        {
            if (region.Of(report) is not { } errors)
            {
                json.WriteNull(region.Key);
                continue;
            }

            json.WriteStartObject(region.Key);
            json.WriteNumber("count", errors.Count);
            NumberArrayJson.Write(json, "coverage", [.. errors.Coverage]);
            foreach ((string key, Func<UncertaintyErrors, double?> of) in _numbers)
            {
                JsonOutput.WriteNumberOrNull(json, key, of(errors));
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>The same of a method of a comparison: coverage as the mean over seeds, other numbers as arrays over seeds.</summary>
    public static void WriteJson(Utf8JsonWriter json, UncertaintySeries? method)
    {
        if (method is null)
        {
            json.WriteNull("uncertainty");
            return;
        }

        WriteStart(json, method.Distribution);
        foreach (UncertaintyRegion region in UncertaintyRegion.All)
        {
            if (method.MeanCoverage(region) is not { } coverage)
            {
                json.WriteNull(region.Key);
                continue;
            }

            json.WriteStartObject(region.Key);
            json.WriteNumber("count", region.Of(method.Seeds[0])!.Count);
            NumberArrayJson.Write(json, "coverage", coverage);
            foreach (int percent in _percents)
            {
                NumberArrayJson.Write(json, FormattableString.Invariant($"coverage{percent}"), method.Of(region, errors => errors.CoverageAt(percent)));
            }

            foreach ((string key, Func<UncertaintyErrors, double?> of) in _numbers)
            {
                NumberArrayJson.Write(json, key, method.Of(region, of));
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteStart(Utf8JsonWriter json, ErrorDistribution distribution)
    {
        json.WriteStartObject("uncertainty");
        json.WriteString("distribution", distribution.ToString().ToLowerInvariant());
        NumberArrayJson.Write(json, "levels", [.. UncertaintyErrors.Levels]);
    }

    private static string NameOf(ErrorDistribution distribution) => distribution == ErrorDistribution.Normal ? "normal" : "Laplace";
}
