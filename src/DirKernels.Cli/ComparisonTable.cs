using DirKernels.Methods;
using DirKernels.Metrics;

namespace DirKernels.Cli;

/// <summary>A comparison as text: errors by region with their deviation over seeds, and paired differences to the first method.</summary>
internal static class ComparisonTable
{
    private const string Absent = "-";

    public static void Write(TextWriter writer, MethodOutcome[][] outcomes, IReadOnlyList<ComparisonMeasure> measures)
    {
        for (int i = 0; i < measures.Count; i++)
        {
            if (i > 0)
            {
                writer.WriteLine();
            }

            WriteErrors(writer, measures[i].Title, outcomes, measures[i].Of, withBalanced: i == 0);
        }

        if (outcomes.Length > 1 && outcomes[0].Length > 1)
        {
            writer.WriteLine();
            WriteDifferences(writer, outcomes);
        }
    }

    private static void WriteErrors(TextWriter writer, string title, MethodOutcome[][] outcomes, Func<RegressionErrors, double?> number, bool withBalanced)
    {
        string[] header = ["method", .. ReportRegion.All.Select(region => region.Title)];
        var table = new TextTable(title, withBalanced ? [.. header, "bMAE", "seconds"] : header);
        foreach (MethodOutcome[] seeds in outcomes)
        {
            string[] cells = [seeds[0].Method.Name, .. ReportRegion.All.Select(region => MeanCell(ComparisonSeries.OfDefined(seeds, region, number)))];
            string seconds = ShortNumber.Format(seeds.Average(outcome => outcome.Seconds), 2);
            table.Add(withBalanced ? [.. cells, MeanCell(ComparisonSeries.Balanced(seeds)), seconds] : cells);
        }

        table.Write(writer);
    }

    private static void WriteDifferences(TextWriter writer, MethodOutcome[][] outcomes)
    {
        MethodOutcome[] baseline = outcomes[0];
        var table = new TextTable(
            $"MAE minus that of {baseline[0].Method.Name}, paired over seeds: mean [95 % interval]",
            ["method", .. ReportRegion.All.Select(region => region.Title), "bMAE"]);
        foreach (MethodOutcome[] seeds in outcomes.Skip(1))
        {
            IEnumerable<string> regions = ReportRegion.All.Select(region => DifferenceCell(
                ComparisonSeries.Of(seeds, region, errors => errors.MeanAbsoluteError),
                ComparisonSeries.Of(baseline, region, errors => errors.MeanAbsoluteError)));
            table.Add([seeds[0].Method.Name, .. regions, DifferenceCell(ComparisonSeries.Balanced(seeds), ComparisonSeries.Balanced(baseline))]);
        }

        table.Write(writer);
    }

    /// <summary>Mean ± standard deviation of a series; a dash for none.</summary>
    internal static string MeanCell(double[]? series)
    {
        if (series is null)
        {
            return Absent;
        }

        MeanAndDeviation summary = MeanAndDeviation.Compute(series);
        int decimals = ShortNumber.Decimals(summary.Mean);
        string mean = ShortNumber.Format(summary.Mean, decimals);
        return summary.StandardDeviation is { } deviation ? $"{mean}±{ShortNumber.Format(deviation, decimals)}" : mean;
    }

    private static string DifferenceCell(double[]? series, double[]? baseline)
    {
        if (series is null || baseline is null)
        {
            return Absent;
        }

        PairedDifference difference = PairedDifference.Compute(series, baseline);
        int decimals = ShortNumber.Decimals(baseline.Average());
        string mean = Signed(difference.Mean, decimals);
        return $"{mean} [{Signed(difference.Lower!.Value, decimals)}, {Signed(difference.Upper!.Value, decimals)}]";
    }

    private static string Signed(double number, int decimals)
    {
        string text = ShortNumber.Format(number, decimals);
        return number > 0 ? "+" + text : text;
    }
}
