namespace DirKernels.Metrics;

/// <summary>
/// Errors over all test samples, and apart by how many training samples the bin of a sample's label had: the evaluation of imbalanced regression.
/// </summary>
/// <remarks>
/// A region's error is the mean over its samples. A region without test samples is null, never 0 or NaN. "Few" includes zero-shot samples, as in
/// the published tables; <see cref="ZeroShot"/> is reported apart as well. Source: Yang et al., ICML 2021, section 4.1; balanced errors:
/// Ren et al., "Balanced MSE", CVPR 2022.
/// </remarks>
public sealed record ShotReport
{
    /// <summary>All test samples.</summary>
    public required RegressionErrors Overall { get; init; }

    /// <summary>Samples of bins with more training samples than the many-shot threshold.</summary>
    public required RegressionErrors? Many { get; init; }

    /// <summary>Samples of bins between the thresholds.</summary>
    public required RegressionErrors? Medium { get; init; }

    /// <summary>Samples of bins with fewer training samples than the few-shot threshold, those with none included.</summary>
    public required RegressionErrors? Few { get; init; }

    /// <summary>Samples of bins without training samples; part of <see cref="Few"/> too.</summary>
    public required RegressionErrors? ZeroShot { get; init; }

    /// <summary>bMAE: mean over the bins that have test samples of the bin's mean |e|.</summary>
    public required double BalancedMeanAbsoluteError { get; init; }

    /// <summary>bMSE: mean over the bins that have test samples of the bin's mean e^2.</summary>
    public required double BalancedMeanSquaredError { get; init; }

    /// <summary>The per-bin table: all B bins in order.</summary>
    public required IReadOnlyList<BinErrors> Bins { get; init; }

    /// <summary>
    /// Pearson correlation between <c>log(1 + training count)</c> and mean |e|, over bins that have test samples; near -1 when rare labels are
    /// predicted worst; null when it is not defined.
    /// </summary>
    public required double? LogCountErrorCorrelation { get; init; }

    /// <summary>
    /// Pearson correlation between the effective (smoothed) label density and mean |e|, over bins that have test samples: the measure by which
    /// smoothing is motivated. Null when no density was given or it is not defined.
    /// </summary>
    public required double? DensityErrorCorrelation { get; init; }

    /// <summary>Evaluates N predictions.</summary>
    /// <param name="predictions">N finite predictions, N at least 1.</param>
    /// <param name="labels">N finite labels.</param>
    /// <param name="bins">B bins.</param>
    /// <param name="trainCounts">Training samples of each of the B bins.</param>
    /// <param name="thresholds">Bounds of the regions; the published ones by default.</param>
    /// <param name="effectiveDensity">Effective density of each of the B bins, or empty for none.</param>
    /// <param name="regions">Region of each of the B bins where a benchmark prescribes it; null to go by the counts.</param>
    /// <exception cref="ArgumentException">Lengths differ, or there are no samples.</exception>
    /// <exception cref="InvalidDataException">A number is not finite, or a count negative; the message names its row or bin.</exception>
    public static ShotReport Compute(
        ReadOnlySpan<double> predictions,
        ReadOnlySpan<double> labels,
        LabelBins bins,
        ReadOnlySpan<double> trainCounts,
        ShotThresholds? thresholds = null,
        ReadOnlySpan<double> effectiveDensity = default,
        IReadOnlyList<ShotRegion>? regions = null)
    {
        ArgumentNullException.ThrowIfNull(bins);
        RegressionErrors overall = RegressionErrors.Compute(predictions, labels);
        ThrowIfNotPerBin("trainCounts", trainCounts, bins);
        if (!effectiveDensity.IsEmpty)
        {
            ThrowIfNotPerBin("effectiveDensity", effectiveDensity, bins);
        }

        int[] binOfRow = bins.Assign(labels);
        var rows = new RegionRows(RegionsOf(trainCounts, thresholds ?? ShotThresholds.Default, regions), binOfRow);
        BinErrors[] table = Table(predictions, labels, binOfRow, bins, trainCounts);
        var tested = Array.FindAll(table, row => row.TestCount > 0);
        double[] errors = Array.ConvertAll(tested, row => row.MeanAbsoluteError!.Value);
        double[]? densities = null;
        if (!effectiveDensity.IsEmpty)
        {
            densities = new double[tested.Length];
            for (int i = 0; i < tested.Length; i++)
            {
                densities[i] = effectiveDensity[tested[i].Bin];
            }
        }

        return new ShotReport
        {
            Overall = overall,
            Many = Region(predictions, labels, rows.Many),
            Medium = Region(predictions, labels, rows.Medium),
            Few = Region(predictions, labels, rows.Few),
            ZeroShot = Region(predictions, labels, rows.ZeroShot),
            BalancedMeanAbsoluteError = tested.Average(row => row.MeanAbsoluteError!.Value),
            BalancedMeanSquaredError = tested.Average(row => row.MeanSquaredError!.Value),
            Bins = table,
            LogCountErrorCorrelation = Correlation.Pearson(Array.ConvertAll(tested, row => Math.Log(1 + row.TrainCount)), errors),
            DensityErrorCorrelation = densities is null ? null : Correlation.Pearson(densities, errors),
        };
    }

    /// <summary>[B] region of each bin: the prescribed one, or by its number of training samples.</summary>
    /// <exception cref="ArgumentException">There are not as many prescribed regions as bins.</exception>
    public static ShotRegion[] RegionsOf(ReadOnlySpan<double> trainCounts, ShotThresholds thresholds, IReadOnlyList<ShotRegion>? prescribed = null)
    {
        if (prescribed is not null && prescribed.Count != trainCounts.Length)
        {
            throw new ArgumentException($"regions has {prescribed.Count} entries but there are {trainCounts.Length} bins");
        }

        var regions = new ShotRegion[trainCounts.Length];
        for (int b = 0; b < regions.Length; b++)
        {
            regions[b] = prescribed?[b] ?? thresholds.RegionOf(trainCounts[b]);
        }

        return regions;
    }

    private static RegressionErrors? Region(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels, int[] rows) =>
        rows.Length == 0 ? null : RegressionErrors.Compute(RegionRows.Pick(predictions, rows), RegionRows.Pick(labels, rows));

    private static BinErrors[] Table(
        ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels, int[] binOfRow, LabelBins bins, ReadOnlySpan<double> trainCounts)
    {
        var count = new int[bins.Count];
        double[] absolute = new double[bins.Count], squared = new double[bins.Count], signed = new double[bins.Count];
        for (int i = 0; i < labels.Length; i++)
        {
            double error = predictions[i] - labels[i];
            int bin = binOfRow[i];
            count[bin]++;
            absolute[bin] += Math.Abs(error);
            squared[bin] += error * error;
            signed[bin] += error;
        }

        var table = new BinErrors[bins.Count];
        for (int b = 0; b < table.Length; b++)
        {
            double? Mean(double[] sums) => count[b] == 0 ? null : sums[b] / count[b];
            table[b] = new BinErrors(
                b, bins.LowerEdge(b), bins.UpperEdge(b), trainCounts[b], count[b], Mean(absolute), Mean(squared), Mean(signed));
        }

        return table;
    }

    private static void ThrowIfNotPerBin(string name, ReadOnlySpan<double> values, LabelBins bins)
    {
        if (values.Length != bins.Count)
        {
            throw new ArgumentException($"{name} has {values.Length} entries but there are {bins.Count} bins");
        }

        for (int b = 0; b < values.Length; b++)
        {
            if (!double.IsFinite(values[b]) || values[b] < 0)
            {
                throw new InvalidDataException($"{name} of bin {b} is {values[b]}; it must be finite and not negative");
            }
        }
    }
}
