using DirKernels.Metrics;

namespace DirKernels.Evaluation;

/// <summary>One method against the baseline by one measure, paired over seeds.</summary>
/// <param name="Measure">The measure.</param>
/// <param name="Difference">Error minus that of the baseline, with its own 95 % interval.</param>
/// <param name="Simultaneous">
/// The same with an interval that covers together with those of all other methods: 95 % for the family, by Bonferroni's rule <c>1 - 0.05 / m</c>.
/// </param>
/// <param name="AdjustedP">Probability of the difference when there is none, corrected for the number m of methods by Holm's rule; null for one seed.</param>
/// <param name="Decision">A win or a loss when <paramref name="AdjustedP"/> is below 0.05.</param>
/// <param name="SeedWins">Seeds with a lower error than the baseline's.</param>
/// <param name="SeedLosses">Seeds with a higher error than the baseline's.</param>
public sealed record MeasureStanding(
    ErrorMeasure Measure, PairedDifference Difference, PairedDifference Simultaneous, double? AdjustedP, Decision Decision, int SeedWins, int SeedLosses);
