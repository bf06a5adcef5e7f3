using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Labels;
using DirKernels.Methods;
using DirKernels.Metrics;
using DirKernels.Networks;

namespace DirKernels.Diagnostics;

/// <summary>
/// The questions that the papers ask of a data set and a network, in one call: does error go with density, are the features of neighbouring bins alike,
/// how far does smoothing move their statistics, and which bins and window suit.
/// </summary>
/// <remarks>
/// Trains <c>vanilla</c> and <c>fds</c> with one seed each, and the trials of the suggestion. Source of the questions: Yang et al., ICML 2021.
/// </remarks>
public sealed record Diagnosis
{
    private Diagnosis()
    {
    }

    /// <summary>Label bins.</summary>
    public required LabelBins Bins { get; init; }

    /// <summary>[B] training rows.</summary>
    public required double[] EmpiricalDensity { get; init; }

    /// <summary>[B] smoothed, in rows per bin.</summary>
    public required double[] EffectiveDensity { get; init; }

    /// <summary>[B] region of each bin.</summary>
    public required ShotRegion[] Regions { get; init; }

    /// <summary>Whether test rows are judged; validation rows where there are no test rows.</summary>
    public required bool JudgesTestRows { get; init; }

    /// <summary>[B] mean absolute error of <c>vanilla</c>; null where a bin has no judged rows.</summary>
    public required double?[] BinErrors { get; init; }

    /// <summary>How error goes with density.</summary>
    public required DensityCorrelations Correlations { get; init; }

    /// <summary>Features of a network trained without feature smoothing.</summary>
    public required FeatureGeometry Before { get; init; }

    /// <summary>Features of a network trained with feature smoothing.</summary>
    public required FeatureGeometry After { get; init; }

    /// <summary>How far smoothing moves the statistics, epoch by epoch.</summary>
    public required SmoothingDistances Distances { get; init; }

    /// <summary>Bins and window.</summary>
    public required BinSuggestion Suggestion { get; init; }

    /// <summary>Diagnoses.</summary>
    /// <param name="settings">Network, bins and training.</param>
    /// <param name="data">The parts of the data.</param>
    /// <param name="anchorLabel">A label in whose bin other bins are compared with; null for the fullest bin.</param>
    /// <param name="searches">Whether bins and window are suggested by validation too, which takes most of the time.</param>
    /// <param name="threads">Processors to use; the result does not depend on them.</param>
    /// <param name="onEpoch">Told after each epoch of each run; null for nobody.</param>
    /// <param name="thresholds">Thresholds of the regions; null for 100 and 20.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="createBackend">Makes the backend of each run or worker from its number of threads; null for the CPU.</param>
    /// <exception cref="ArgumentException">The anchor's bin has no training rows, or there are more bins than can be compared with each other.</exception>
    /// <exception cref="TrainingDivergedException">The loss of a run is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Diagnosis Run(
        MethodSettings settings, ComparisonData data, double? anchorLabel = null, bool searches = true, int threads = 1,
        Action<EpochResult>? onEpoch = null, ShotThresholds? thresholds = null, CancellationToken cancellation = default, Func<int, IBackend>? createBackend = null)
    {
        LabelBins bins = settings.Bins;
        double[] counts = data.TrainCounts(bins);
        int anchor = anchorLabel is { } label ? bins.IndexOf(label) : Array.IndexOf(counts, counts.Max());
        if (counts[anchor] == 0)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"anchor: the bin of {anchorLabel}, {bins.LowerEdge(anchor)} to {bins.UpperEdge(anchor)}, has no training rows to compare others with"), nameof(anchorLabel));
        }

        if (bins.Count > FeatureSimilarity.LargestMatrix)
        {
            throw new ArgumentException($"diagnosis: there are {bins.Count} bins, but at most {FeatureSimilarity.LargestMatrix} can be compared with each other");
        }

        bool hasTest = data.Test.Labels.Length > 0;
        ComparisonRows judged = hasTest ? data.Test : data.Validation;
        DiagnosedRun before, after;
        using (IBackend backend = createBackend?.Invoke(threads) ?? new CpuBackend(threads))
        {
            before = DiagnosedRun.Of(Method.Parse("vanilla"), settings, data, judged, anchor, backend, onEpoch, cancellation);
            after = DiagnosedRun.Of(Method.Parse("fds"), settings, data, judged, anchor, backend, onEpoch, cancellation);
        }

        double[] effective = LabelDensity.Effective(counts, settings.LabelKernel, settings.Boundary);
        ShotReport report = ShotReport.Compute(before.Predictions, judged.Labels, bins, counts, thresholds);
        double?[] errors = [.. report.Bins.Select(bin => bin.MeanAbsoluteError)];
        return new Diagnosis
        {
            Bins = bins,
            EmpiricalDensity = counts,
            EffectiveDensity = effective,
            Regions = Array.ConvertAll(counts, (thresholds ?? ShotThresholds.Default).RegionOf),
            JudgesTestRows = hasTest,
            BinErrors = errors,
            Correlations = DensityCorrelations.Of(errors, counts, effective),
            Before = before.Geometry,
            After = after.Geometry,
            Distances = after.Distances!,
            Suggestion = searches
                ? BinSuggestion.ByValidation(settings, data, threads, onEpoch, cancellation, createBackend)
                : BinSuggestion.ByRule(data.Train.Labels),
        };
    }
}
