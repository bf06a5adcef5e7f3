using DirKernels.Evaluation;

namespace DirKernels.Report;

/// <summary>The report of a comparison.</summary>
public static class ComparisonPage
{
    /// <summary>Makes the report.</summary>
    /// <param name="summary">The comparison.</param>
    /// <param name="names">What its data are called.</param>
    /// <param name="verdict">What the numbers support, in a sentence or two.</param>
    /// <param name="provenance">What was run.</param>
    /// <param name="further">Sections between the figures and the tables, such as that of a trade-off.</param>
    public static ReportPage Create(
        ComparisonSummary summary, ComparisonNames names, string verdict, Provenance provenance, params IReadOnlyList<ReportSection> further)
    {
        string target = names.Target;
        int seeds = summary.Outcomes[0].Count;
        object?[] errors = [DifferenceFigure.Of(summary, target), BinErrorFigure.Of(summary, target), RegionFigure.Of(summary, target), PredictionFigure.Of(summary, target)];
        return new ReportPage(
            $"{target}: {summary.Outcomes.Count} {(summary.Outcomes.Count == 1 ? "method" : "methods")} compared on {names.Data}",
            verdict,
            [
                new ReportSection("The data",
                [
                    $"{names.Data}: {target} from {names.Train} training, {names.Validation} validation and {names.Test} test rows; {summary.Bins}.",
                    DensityFigure.Of(summary.Bins, summary.EmpiricalDensity, summary.EffectiveDensity, target, names.Window),
                ]),
                new ReportSection("Errors on the test rows", [.. errors.OfType<object>()]),
                .. ReliabilityFigure.Of(summary) is { } reliability
                    ? [new ReportSection("Uncertainty", [reliability, ComparisonTables.Uncertainties(summary, target)])]
                    : Array.Empty<ReportSection>(),
                new ReportSection("Training", [LearningFigure.Of(summary, target, names.Selection)]),
                .. further,
                new ReportSection("Tables",
                [
                    ComparisonTables.Errors(summary, target),
                    .. seeds > 1 && summary.Standings.Length > 0
                        ? [ComparisonTables.Differences(summary, target), ComparisonTables.Decisions(summary)]
                        : Array.Empty<object>(),
                    ComparisonTables.Further(summary, target),
                    ComparisonTables.Bins(summary, target),
                ]),
                new ReportSection("Provenance", [provenance.ToTable()]),
            ]);
    }
}
