using DirKernels.Data;
using DirKernels.Evaluation;
using DirKernels.Metrics;

namespace DirKernels.Cli;

/// <summary>What <c>--drop</c> adds: errors on test rows whose labels training never saw, between labels it saw and beyond them.</summary>
internal static class DroppedRangesOutput
{
    /// <param name="summary">The comparison.</param>
    /// <param name="trainLabels">Labels of the training rows that are left.</param>
    /// <param name="ranges">The dropped ranges.</param>
    /// <param name="droppedRows">Training rows that were dropped.</param>
    public static ComparisonExtra Of(ComparisonSummary summary, double[] trainLabels, IReadOnlyList<LabelRange> ranges, int droppedRows)
    {
        double lowest = trainLabels.Min(), highest = trainLabels.Max();
        bool IsInside(LabelRange range) => range.Lower > lowest && range.Upper < highest;
        int[] Rows(Func<LabelRange, bool> chosen) => [.. Enumerable.Range(0, summary.TestLabels.Length)
            .Where(row => ranges.Any(range => chosen(range) && range.Contains(summary.TestLabels[row])))];
        (string Name, int[] Rows)[] parts = [("interpolation", Rows(IsInside)), ("extrapolation", Rows(range => !IsInside(range))), ("dropped", Rows(_ => true))];
        (string Name, double[]? Series)[] Errors(int method) => Array.ConvertAll(parts, part => (part.Name, SeriesOf(summary, method, part.Rows)));
        string title = FormattableString.Invariant($"MAE on the test rows with labels in {string.Join(", ", ranges.Select(range => $"{range.Lower}..{range.Upper}"))}, from which {droppedRows} training rows were dropped: between training labels (interpolation, {parts[0].Rows.Length} rows), beyond them (extrapolation, {parts[1].Rows.Length} rows), all; mean ± standard deviation over seeds");
        string[] header = ["method", .. parts.Select(part => part.Name)];
        IReadOnlyList<string>[] rows = [.. summary.Names.Select((name, method) => (IReadOnlyList<string>)[name, .. Errors(method).Select(error => Cell(error.Series))])];
        return new ComparisonExtra(
            writer =>
            {
                var table = new TextTable(title, header);
                foreach (IReadOnlyList<string> row in rows)
                {
                    table.Add(row);
                }

                table.Write(writer);
            },
            json =>
            {
                json.WriteStartObject("dropped");
                json.WriteNumber("train", droppedRows);
                json.WriteStartArray("ranges");
                foreach (LabelRange range in ranges)
                {
                    json.WriteStartObject();
                    JsonOutput.WriteNumberOrNull(json, "lower", range.Lower);
                    JsonOutput.WriteNumberOrNull(json, "upper", range.Upper);
                    json.WriteString("kind", IsInside(range) ? "interpolation" : "extrapolation");
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                foreach ((string name, int[] partRows) in parts)
                {
                    json.WriteStartObject(name);
                    json.WriteNumber("count", partRows.Length);
                    for (int method = 0; method < summary.Names.Count; method++)
                    {
                        NumberArrayJson.Write(json, summary.Names[method], SeriesOf(summary, method, partRows));
                    }

                    json.WriteEndObject();
                }

                json.WriteEndObject();
            },
            new ReportSection("Labels that training never saw", [new ReportTable(title + ".", header, rows)]));
    }

    private static double[]? SeriesOf(ComparisonSummary summary, int method, int[] rows) => rows.Length == 0
        ? null
        : [.. summary.Outcomes[method].Select(seed => rows.Average(row => Math.Abs(seed.Predictions[row] - summary.TestLabels[row])))];

    private static string Cell(double[]? series)
    {
        if (series is null)
        {
            return "-";
        }

        MeanAndDeviation summary = MeanAndDeviation.Compute(series);
        int decimals = ShortNumber.Decimals(summary.Mean);
        string mean = ShortNumber.Format(summary.Mean, decimals);
        return summary.StandardDeviation is { } deviation ? $"{mean}±{ShortNumber.Format(deviation, decimals)}" : mean;
    }
}
