namespace DirKernels.Metrics;

/// <summary>How well stated uncertainties fit the errors over all test samples, and apart by shot region: whether a model knows what it does not know.</summary>
/// <remarks>Regions are those of <see cref="ShotReport"/>; one without test samples is null.</remarks>
public sealed record UncertaintyReport
{
    /// <summary>How labels are said to lie around predictions.</summary>
    public required ErrorDistribution Distribution { get; init; }

    /// <summary>All test samples.</summary>
    public required UncertaintyErrors Overall { get; init; }

    /// <summary>Many-shot samples.</summary>
    public required UncertaintyErrors? Many { get; init; }

    /// <summary>Medium-shot samples.</summary>
    public required UncertaintyErrors? Medium { get; init; }

    /// <summary>Few-shot samples, zero-shot ones included.</summary>
    public required UncertaintyErrors? Few { get; init; }

    /// <summary>Zero-shot samples; part of <see cref="Few"/> too.</summary>
    public required UncertaintyErrors? ZeroShot { get; init; }

    /// <summary>Evaluates N uncertain predictions.</summary>
    /// <param name="distribution">How labels are said to lie around predictions.</param>
    /// <param name="predictions">N finite predictions, N at least 1.</param>
    /// <param name="deviations">N finite standard deviations, not negative.</param>
    /// <param name="labels">N finite labels.</param>
    /// <param name="bins">B bins.</param>
    /// <param name="trainCounts">Training samples of each of the B bins.</param>
    /// <param name="thresholds">Bounds of the regions; the published ones by default.</param>
    /// <param name="regions">Region of each of the B bins where a benchmark prescribes it; null to go by the counts.</param>
    /// <exception cref="ArgumentException">Lengths differ, or there are no samples.</exception>
    /// <exception cref="InvalidDataException">A number is not finite, or a deviation negative; the message names its row.</exception>
    public static UncertaintyReport Compute(
        ErrorDistribution distribution,
        ReadOnlySpan<double> predictions,
        ReadOnlySpan<double> deviations,
        ReadOnlySpan<double> labels,
        LabelBins bins,
        ReadOnlySpan<double> trainCounts,
        ShotThresholds? thresholds = null,
        IReadOnlyList<ShotRegion>? regions = null)
    {
        ArgumentNullException.ThrowIfNull(bins);
        if (trainCounts.Length != bins.Count)
        {
            throw new ArgumentException($"trainCounts has {trainCounts.Length} entries but there are {bins.Count} bins");
        }

        UncertaintyErrors overall = UncertaintyErrors.Compute(distribution, predictions, deviations, labels);
        var rows = new RegionRows(ShotReport.RegionsOf(trainCounts, thresholds ?? ShotThresholds.Default, regions), bins.Assign(labels));
        return new UncertaintyReport
        {
            Distribution = distribution,
            Overall = overall,
            Many = Region(distribution, predictions, deviations, labels, rows.Many),
            Medium = Region(distribution, predictions, deviations, labels, rows.Medium),
            Few = Region(distribution, predictions, deviations, labels, rows.Few),
            ZeroShot = Region(distribution, predictions, deviations, labels, rows.ZeroShot),
        };
    }

    private static UncertaintyErrors? Region(
        ErrorDistribution distribution, ReadOnlySpan<double> predictions, ReadOnlySpan<double> deviations, ReadOnlySpan<double> labels, int[] rows) =>
        rows.Length == 0
            ? null
            : UncertaintyErrors.Compute(distribution, RegionRows.Pick(predictions, rows), RegionRows.Pick(deviations, rows), RegionRows.Pick(labels, rows));
}
