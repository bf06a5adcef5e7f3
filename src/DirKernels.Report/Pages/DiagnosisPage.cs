using DirKernels.Diagnostics;

namespace DirKernels.Report;

/// <summary>The report of a diagnosis.</summary>
public static class DiagnosisPage
{
    /// <summary>Makes the report.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="names">What its data are called.</param>
    /// <param name="lead">What it found, in a sentence or two.</param>
    /// <param name="provenance">What was run.</param>
    public static ReportPage Create(Diagnosis diagnosis, ComparisonNames names, string lead, Provenance provenance)
    {
        string target = names.Target;
        object[] suggestion = diagnosis.Suggestion.Trials.Count == 0
            ? [diagnosis.Suggestion.Sentence(target)]
            : [diagnosis.Suggestion.Sentence(target), TrialTable(diagnosis.Suggestion, target)];
        return new ReportPage(
            $"{target}: diagnosis of {names.Data}",
            lead,
            [
                new ReportSection("Density and error",
                [
                    $"{names.Data}: {target} from {names.Train} training, {names.Validation} validation and {names.Test} test rows; {diagnosis.Bins}.",
                    DensityFigure.Of(diagnosis.Bins, diagnosis.EmpiricalDensity, diagnosis.EffectiveDensity, target, names.Window),
                    DensityErrorFigure.Of(diagnosis, target),
                ]),
                new ReportSection("Features",
                [
                    AnchorFigure.Of(diagnosis, target), SimilarityFigure.Of(diagnosis, target), DistanceFigure.Of(diagnosis.Distances),
                ]),
                new ReportSection("Bins and window", suggestion),
                new ReportSection("Provenance", [provenance.ToTable()]),
            ]);
    }

    private static ReportTable TrialTable(BinSuggestion suggestion, string target) => new(
        $"bMAE on the validation rows over the bins of the evaluation, in units of {target}, of sqrt-inverse weights made with other bins and windows: mean over {BinSuggestion.Seeds} seeds, and each seed.",
        ["width", "window", "bins", "bMAE", .. Enumerable.Range(1, BinSuggestion.Seeds).Select(seed => FormattableString.Invariant($"seed {seed}"))],
        [.. suggestion.Trials.Select(trial => (IReadOnlyList<string>)
        [
            FormattableString.Invariant($"{trial.Width:G4}"),
            trial.Window,
            FormattableString.Invariant($"{trial.Bins.Count}"),
            ShortNumber.Format(trial.Mean),
            .. trial.ValidationErrors.Select(error => ShortNumber.Format(error)),
        ])]);
}
