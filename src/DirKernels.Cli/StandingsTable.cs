using DirKernels.Evaluation;

namespace DirKernels.Cli;

/// <summary>The further tables of a comparison as text: joint intervals with decisions, and measures beside the mean absolute error.</summary>
internal static class StandingsTable
{
    private const string Absent = "-";

    public static void Write(TextWriter writer, ComparisonSummary summary)
    {
        if (summary.Standings.Length > 0 && summary.Outcomes[0].Count > 1)
        {
            WriteDecisions(writer, summary);
            writer.WriteLine();
        }

        var further = new TextTable("Further measures on the test rows, mean ± standard deviation over seeds", ["method", "bMASE", "SERA", "Spearman", "GM"]);
        foreach (FurtherMeasures row in summary.Further)
        {
            further.Add([row.Name, ComparisonTable.MeanCell(row.BalancedScaledError), ComparisonTable.MeanCell(row.Sera), ComparisonTable.MeanCell(row.Spearman), ComparisonTable.MeanCell(row.GeometricMean)]);
        }

        further.Write(writer);
        writer.WriteLine();
        UncertaintyOutput.WriteText(writer, summary);
    }

    private static void WriteDecisions(TextWriter writer, ComparisonSummary summary)
    {
        var table = new TextTable(
            $"Against {summary.Names[0]}: p by paired t tests over seeds, corrected by Holm's rule for {summary.Standings.Length} methods; win and loss below 0.05",
            ["method", .. ErrorMeasure.All.Select(measure => measure.Title), "win/tie/loss"]);
        foreach (MethodStanding standing in summary.Standings)
        {
            IEnumerable<string> cells = standing.Measures.Select(measure => measure is null
                ? Absent
                : $"{measure.Decision.ToString().ToLowerInvariant()} {ShortNumber.Format(measure.AdjustedP!.Value, 3)}");
            table.Add([standing.Name, .. cells, $"{standing.Wins}/{standing.Ties}/{standing.Losses}"]);
        }

        table.Write(writer);
    }
}
