using DirKernels.Evaluation;
using DirKernels.Metrics;

namespace DirKernels.Cli;

/// <summary>What <c>--pareto</c> adds: the table of the dial, its figure, and the point to pick.</summary>
internal static class TradeOffOutput
{
    public static ComparisonExtra Of(ComparisonSummary summary, string target, double weight)
    {
        TradeOffChoice choice = TradeOffChoice.Of(summary.Outcomes, weight);
        string[] header = ["method", "many-shot MAE", "few-shot MAE", "front", "cost"];
        IReadOnlyList<string>[] rows = [.. Enumerable.Range(0, summary.Outcomes.Count).Select(method => (IReadOnlyList<string>)
        [
            summary.Names[method],
            Interval(ErrorMeasure.Many.Series(summary.Outcomes[method])!),
            Interval(ErrorMeasure.Few.Series(summary.Outcomes[method])!),
            choice.OnFront[method] ? "yes" : "",
            ShortNumber.Format(choice.Costs[method], 3),
        ])];
        string title = FormattableString.Invariant($"Trade-off with W = {weight:0.##}: MAE on the test rows, mean [95 % interval]; front: no other method is lower in both; cost on the validation rows: W few + (1 - W) many, relative to {summary.Names[0]}");
        return new ComparisonExtra(
            writer =>
            {
                var table = new TextTable(title, header);
                foreach (IReadOnlyList<string> row in rows)
                {
                    table.Add(row);
                }

                table.Write(writer);
                writer.WriteLine();
                writer.WriteLine(choice.Sentence);
            },
            json =>
            {
                json.WriteStartObject("pareto");
                json.WriteNumber("tradeoff", weight);
                json.WriteString("pick", summary.Names[choice.Pick]);
                json.WriteString("sentence", choice.Sentence);
                NumberArrayJson.Write(json, "cost", choice.Costs);
                json.WriteStartArray("front");
                foreach (bool isOnFront in choice.OnFront)
                {
                    json.WriteBooleanValue(isOnFront);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            },
            new ReportSection("The trade-off", [choice.Sentence, TradeOffFigure.Of(summary, choice, target), new ReportTable(title + ".", header, rows)]));
    }

    private static string Interval(double[] series)
    {
        MeanInterval interval = MeanInterval.Compute(series);
        int decimals = ShortNumber.Decimals(interval.Mean);
        string mean = ShortNumber.Format(interval.Mean, decimals);
        return interval is { Lower: { } lower, Upper: { } upper } ? $"{mean} [{ShortNumber.Format(lower, decimals)}, {ShortNumber.Format(upper, decimals)}]" : mean;
    }
}
