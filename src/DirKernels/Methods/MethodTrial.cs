using System.Diagnostics;
using DirKernels.Backends;
using DirKernels.Labels;
using DirKernels.Metrics;
using DirKernels.Networks;

namespace DirKernels.Methods;

/// <summary>Trains one method with one seed and tests it.</summary>
public static class MethodTrial
{
    /// <summary>Trains and tests.</summary>
    /// <param name="method">The method.</param>
    /// <param name="settings">Settings; the seed is replaced.</param>
    /// <param name="data">The parts of the data.</param>
    /// <param name="seed">Seed of resampling, initial parameters, shuffling and dropout.</param>
    /// <param name="backend">Where to train.</param>
    /// <param name="onEpoch">Told about each epoch; null for nobody.</param>
    /// <param name="thresholds">Thresholds of the regions; null for 100 and 20.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">Rows are not in memory.</exception>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static MethodOutcome Run(
        Method method,
        MethodSettings settings,
        ComparisonData data,
        ulong seed,
        IBackend backend,
        Action<EpochResult>? onEpoch = null,
        ShotThresholds? thresholds = null,
        CancellationToken cancellation = default)
    {
        if (data.Train.Blocks is not null || data.Validation.Blocks is not null || data.Test.Blocks is not null)
        {
            throw new ArgumentException("methods are compared on rows in memory, but these are read in blocks", nameof(data));
        }

        var watch = Stopwatch.StartNew();
        MethodSettings seeded = settings with { Training = settings.Training with { Seed = seed } };
        using var run = new MethodRun(method, seeded, data.Train, data.ValidationSet(), backend);
        List<double>[] curves = [.. Enumerable.Range(0, run.Networks).Select(_ => new List<double>())];
        while (!run.IsFinished)
        {
            EpochResult epoch = run.RunEpoch(cancellation);
            curves[run.FinishedNetworks].Add(epoch.ValidationError);
            onEpoch?.Invoke(epoch);
        }

        using RegressionModel model = run.BestModel();
        (double[] predictions, double[]? deviations) = model.PredictAll(data.Test.Inputs);
        double[] counts = data.TrainCounts(seeded.Bins);
        SmoothingKernel? window = seeded.LabelKernel.Size <= seeded.Bins.Count ? seeded.LabelKernel : null;
        double[] density = LabelDistributionSmoothing.FitCounts(counts, seeded.Bins, window, Reweighting.Power(1), seeded.Boundary).Density;
        ShotReport report = ShotReport.Compute(predictions, data.Test.Labels, seeded.Bins, counts, thresholds, density, seeded.Regions);
        double seconds = watch.Elapsed.TotalSeconds;
        var validated = new double[data.Validation.Labels.Length];
        model.Predict(data.Validation.Inputs, validated);
        return new MethodOutcome(method, seed, report, run.BestEpochs[0], run.ValidationError(), seconds)
        {
            Resampling = run.Resampling,
            Predictions = predictions,
            Deviations = deviations,
            Uncertainty = deviations is null
                ? null
                : UncertaintyReport.Compute(model.Distribution!.Value, predictions, deviations, data.Test.Labels, seeded.Bins, counts, thresholds, seeded.Regions),
            ValidationPredictions = validated,
            Validation = ShotReport.Compute(validated, data.Validation.Labels, seeded.Bins, counts, thresholds, density, seeded.Regions),
            ValidationErrors = MeanOf(curves),
        };
    }

    /// <summary>The mean over those networks that were trained so long.</summary>
    private static double[] MeanOf(List<double>[] curves) =>
        [.. Enumerable.Range(0, curves.Max(curve => curve.Count)).Select(epoch => curves.Where(curve => epoch < curve.Count).Average(curve => curve[epoch]))];
}
