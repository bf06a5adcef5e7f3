using BenchmarkDotNet.Attributes;
using DirKernels.Backends.Cpu;
using DirKernels.Features;
using DirKernels.Networks;

namespace DirKernels.Benchmarks;

/// <summary>One epoch of training with Adam and the weighted L1 loss, with and without feature distribution smoothing.</summary>
[MemoryDiagnoser]
public class TrainingEpochBenchmarks
{
    private CpuBackend? _backend;
    private TrainingRun? _run;

    [Params("8,64,64", "13,256,256,256", "512,256,128")]
    public string Widths { get; set; } = "8,64,64";

    [Params("none", "diagonal", "full")]
    public string Smoothing { get; set; } = "none";

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        const int Rows = 20_000;
        int[] widths = [.. Widths.Split(',').Select(int.Parse)];
        int inputs = widths[0];
        float[] x = [.. Enumerable.Range(0, Rows * inputs).Select(i => 2 * CounterRandom.Uniform(1, (ulong)i) - 1)];
        double[] labels = [.. Enumerable.Range(0, Rows).Select(i => 50.0 + 30 * x[i * inputs] * x[i * inputs + 1] + 5 * x[i * inputs + 2])];
        float[] weights = [.. Enumerable.Range(0, Rows).Select(i => 0.5f + CounterRandom.Uniform(2, (ulong)i))];
        _backend = new CpuBackend(Threads);
        _run = new TrainingRun(
            new NetworkShape { Inputs = inputs, Hidden = widths[1..] },
            new TrainingSet(x, labels) { Weights = weights },
            new TrainingSet(x[..(inputs * 500)], labels[..500]),
            LabelBins.Uniform(0, 1, 100),
            new TrainingOptions
            {
                Epochs = 1_000_000,
                Schedule = LearningRateSchedule.Constant,
                FeatureSmoothing = Smoothing == "none" ? null : new FeatureSmoothingOptions { Covariance = CovarianceKind.Parse(Smoothing) },
            },
            _backend);
        _run.RunEpoch();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _run?.Dispose();
        _backend?.Dispose();
    }

    [Benchmark]
    public void Epoch() => _run!.RunEpoch();
}
