using DirKernels.Evaluation;
using DirKernels.Methods;

namespace DirKernels.Cli;

/// <summary>A comparison as text.</summary>
internal static class ComparisonOutput
{
    /// <param name="writer">Receives the text.</param>
    /// <param name="data">What was compared on.</param>
    /// <param name="outcomes">[methods][seeds].</param>
    /// <param name="measures">Measures to write tables of.</param>
    /// <param name="summary">The comparison evaluated.</param>
    /// <param name="details">Whether to write the further tables.</param>
    /// <param name="extras">What options add behind the tables.</param>
    /// <param name="seconds">Wall time of all runs.</param>
    public static void WriteText(
        TextWriter writer, ComparedData data, MethodOutcome[][] outcomes, IReadOnlyList<ComparisonMeasure> measures, ComparisonSummary summary, bool details, IReadOnlyList<ComparisonExtra> extras, double seconds)
    {
        writer.WriteLine($"{data.Name}: {data.Target} from {data.Train} training, {data.Validation} validation and {data.Test} test rows; {data.Bins}");
        writer.WriteLine();
        ComparisonTable.Write(writer, outcomes, measures);
        writer.WriteLine();
        if (details)
        {
            StandingsTable.Write(writer, summary);
        }

        foreach (ComparisonExtra extra in extras)
        {
            extra.WriteText(writer);
            writer.WriteLine();
        }

        foreach (string statement in outcomes.Select(method => method[0].Resampling).OfType<string>().Distinct())
        {
            writer.WriteLine(statement);
        }

        writer.WriteLine(CorrectedVerdict.Of(outcomes, summary.Standings));
        writer.WriteLine($"{outcomes.Length * outcomes[0].Length} runs in {ShortNumber.Format(seconds)} s.");
    }
}
