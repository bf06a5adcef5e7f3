using System.Diagnostics;
using System.Globalization;
using DirKernels.Backends.Cpu;
using DirKernels.Features;
using DirKernels.Networks;

namespace DirKernels.Benchmarks.Quick;

/// <summary>
/// An epoch without feature smoothing, with diagonal and with full covariances, measured in turn, so that a slow moment of the machine meets all three. Labels are
/// long-tailed over 100 bins, as smoothing is meant for.
/// </summary>
internal static class SmoothingCost
{
    private const int Rounds = 25;
    private const double WarmUpMilliseconds = 1500;
    private const int Bins = 100;

    public static void Print(CpuBackend backend)
    {
        Console.WriteLine($"{"epoch with feature smoothing",-44}{"none ms",10}{"diagonal",18}{"full",18}");
        foreach (int rows in new[] { 13_000, 50_000 })
        {
            foreach (int batch in new[] { 256, 1024 })
            {
                double[] medians = Measure(backend, [16, 128, 64, 1], rows, batch);
                string name = FormattableString.Invariant($"[16,128,64,1], {rows:N0} rows, batch {batch}");
                Console.WriteLine($"{name,-44}{Number(medians[0]),10}{Ratio(medians[1], medians[0]),18}{Ratio(medians[2], medians[0]),18}");
            }
        }
    }

    private static double[] Measure(CpuBackend backend, int[] widths, int rows, int batch)
    {
        FeatureSmoothingOptions?[] options = [null, new(), new() { Covariance = CovarianceKind.Full }];
        TrainingRun[] runs = [.. options.Select(smoothing => Run(backend, widths, rows, batch, smoothing))];
        var times = runs.Select(_ => new List<double>()).ToArray();
        // Methods are compiled anew while they become hot, on the processors that are measured.
        for (var warmUp = Stopwatch.StartNew(); warmUp.Elapsed.TotalMilliseconds < WarmUpMilliseconds;)
        {
            foreach (TrainingRun run in runs)
            {
                run.RunEpoch();
            }
        }

        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < runs.Length; i++)
            {
                var watch = Stopwatch.StartNew();
                runs[i].RunEpoch();
                times[i].Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        foreach (TrainingRun run in runs)
        {
            run.Dispose();
        }

        return [.. times.Select(list => list.Order().ElementAt(Rounds / 2))];
    }

    private static TrainingRun Run(CpuBackend backend, int[] widths, int rows, int batch, FeatureSmoothingOptions? smoothing)
    {
        int inputs = widths[0];
        float[] x = [.. Enumerable.Range(0, rows * inputs).Select(i => 2 * CounterRandom.Uniform(1, (ulong)i) - 1)];
        double[] labels = [.. Enumerable.Range(0, rows).Select(i => Math.Clamp(-12 * Math.Log(1 - CounterRandom.Uniform(5, (ulong)i)) + 10 * x[i * inputs], 0, Bins - 0.1))];
        return new TrainingRun(
            new NetworkShape { Inputs = inputs, Hidden = widths[1..^1] },
            new TrainingSet(x, labels),
            new TrainingSet(x[..inputs], labels[..1]),
            LabelBins.Uniform(0, 1, Bins),
            new TrainingOptions { Epochs = 1_000_000, BatchSize = batch, Schedule = LearningRateSchedule.Constant, FeatureSmoothing = smoothing },
            backend);
    }

    private static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);

    private static string Ratio(double value, double reference) => FormattableString.Invariant($"{value:G3} ({value / reference:F2}x)");
}
