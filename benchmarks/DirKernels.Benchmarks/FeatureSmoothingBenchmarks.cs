using BenchmarkDotNet.Attributes;
using DirKernels.Backends.Cpu;
using DirKernels.Features;

namespace DirKernels.Benchmarks;

/// <summary>One pass of feature statistics and one of calibration over N = 50,000 rows and B = 100 bins.</summary>
[MemoryDiagnoser]
public class FeatureSmoothingBenchmarks
{
    private const int Rows = 50_000;
    private const int Bins = 100;

    private CpuBackend? _backend;
    private FeatureDistributionSmoothing? _smoothing;
    private float[] _features = [];
    private float[] _calibrated = [];
    private int[] _bins = [];

    [Params(64, 512)]
    public int Dimensions { get; set; }

    [Params("diagonal", "full")]
    public string Covariance { get; set; } = "diagonal";

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _features = [.. Enumerable.Range(0, Rows * Dimensions).Select(i => CounterRandom.Uniform(1, (ulong)i))];
        _bins = [.. Enumerable.Range(0, Rows).Select(i => (int)(Bins * CounterRandom.Uniform(2, (ulong)i) * CounterRandom.Uniform(3, (ulong)i)))];
        _calibrated = new float[_features.Length];
        _backend = new CpuBackend(Threads);
        _smoothing = new FeatureDistributionSmoothing(
            Dimensions, Bins, new FeatureSmoothingOptions { Covariance = CovarianceKind.Parse(Covariance) }, _backend);
        _smoothing.Accumulate(_features, _bins);
        _smoothing.EndEpoch();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _smoothing?.Dispose();
        _backend?.Dispose();
    }

    [Benchmark]
    public void Accumulate() => _smoothing!.Accumulate(_features, _bins);

    [Benchmark]
    public void Calibrate() => _smoothing!.Calibrate(_features, _bins, _calibrated);

    [Benchmark]
    public void EndEpoch() => _smoothing!.EndEpoch();
}
