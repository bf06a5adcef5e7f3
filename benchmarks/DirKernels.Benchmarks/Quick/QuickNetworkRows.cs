using DirKernels.Backends.Cpu;
using DirKernels.Features;
using DirKernels.Networks;

namespace DirKernels.Benchmarks.Quick;

/// <summary>Training epochs and predictions of three networks.</summary>
internal static class QuickNetworkRows
{
    public static IEnumerable<QuickRow> All(CpuBackend backend) =>
    [
        Epoch(backend, [8, 64, 64, 1], 256, 50_000),
        Epoch(backend, [13, 256, 256, 256, 1], 64, 20_000),
        Epoch(backend, [512, 256, 128, 1], 256, 50_000),
        Predict(backend, [8, 64, 64, 1], 1),
        Predict(backend, [13, 256, 256, 256, 1], 1),
        Predict(backend, [512, 256, 128, 1], 1),
        PredictShared(backend, [8, 64, 64, 1], 1),
        Predict(backend, [8, 64, 64, 1], 4096),
        Predict(backend, [13, 256, 256, 256, 1], 4096),
        Predict(backend, [512, 256, 128, 1], 4096),
    ];

    public static QuickRow Epoch(CpuBackend backend, int[] widths, int batch, int rows, FeatureSmoothingOptions? smoothing = null) =>
        new($"train epoch {Name(widths)}", QuickLimit.Arithmetic, 6.0 * rows * Products(widths) - 2.0 * rows * widths[0] * widths[1], 0, () =>
        {
            float[] x = Inputs(rows, widths[0]);
            double[] labels = [.. Enumerable.Range(0, rows).Select(i => 50.0 + 30 * x[i * widths[0]] * x[i * widths[0] + 1])];
            float[] weights = [.. Enumerable.Range(0, rows).Select(i => 0.5f + CounterRandom.Uniform(2, (ulong)i))];
            var run = new TrainingRun(
                new NetworkShape { Inputs = widths[0], Hidden = widths[1..^1] },
                new TrainingSet(x, labels) { Weights = weights },
                new TrainingSet(x[..widths[0]], labels[..1]),
                LabelBins.Uniform(0, 1, 100),
                new TrainingOptions { Epochs = 1_000_000, BatchSize = batch, Schedule = LearningRateSchedule.Constant, FeatureSmoothing = smoothing },
                backend);
            return (() => run.RunEpoch(), [run]);
        });

    private static QuickRow Predict(CpuBackend backend, int[] widths, int batch) =>
        new($"predict {Name(widths)} batch {batch}", QuickLimit.Arithmetic, 2.0 * batch * Products(widths), 0, () =>
        {
            RegressionModel model = Model(backend, widths);
            float[] x = Inputs(batch, widths[0]);
            var values = new double[batch];
            return (() => model.Predict(x, values), [model]);
        });

    /// <summary>Through the thread-safe predictor, whose pool costs a few atomic instructions a call.</summary>
    private static QuickRow PredictShared(CpuBackend backend, int[] widths, int batch) =>
        new($"predictor {Name(widths)} batch {batch}", QuickLimit.Arithmetic, 2.0 * batch * Products(widths), 0, () =>
        {
            using RegressionModel model = Model(backend, widths);
            var predictor = new Predictor(model, backend.Threads);
            float[] x = Inputs(batch, widths[0]);
            var values = new double[batch];
            return (() => predictor.Predict(x, values), [predictor]);
        });

    private static RegressionModel Model(CpuBackend backend, int[] widths) =>
        new(new RegressionNetwork(new NetworkShape { Inputs = widths[0], Hidden = widths[1..^1] }, backend), new TargetScaling([0], [1]));

    private static float[] Inputs(int rows, int columns) =>
        [.. Enumerable.Range(0, rows * columns).Select(i => 2 * CounterRandom.Uniform(1, (ulong)i) - 1)];

    private static double Products(int[] widths) => widths.Zip(widths.Skip(1), (a, b) => (double)a * b).Sum();

    private static string Name(int[] widths) => $"[{string.Join(",", widths)}]";
}
