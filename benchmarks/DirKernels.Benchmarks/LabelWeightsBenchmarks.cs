using BenchmarkDotNet.Attributes;
using DirKernels.Labels;

namespace DirKernels.Benchmarks;

/// <summary>From labels to one weight for each: histogram, density, gather.</summary>
[MemoryDiagnoser]
public class LabelWeightsBenchmarks
{
    private static readonly LabelBins _bins = LabelBins.Uniform(0, 1, 100);
    private double[] _labels = [];
    private float[] _weights = [];

    [Params(10_000_000)]
    public int Labels { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _labels = [.. Enumerable.Range(0, Labels).Select(i => -20 * Math.Log(1 - CounterRandom.Uniform(1, (ulong)i)))];
        _weights = new float[Labels];
    }

    [Benchmark]
    public void Library() => LabelDistributionSmoothing.Weights(_labels, _bins, SmoothingKernel.Default, Reweighting.SqrtInverse, _weights);

    /// <summary>What one writes without a library: a dictionary of counts, then a look-up for each label.</summary>
    [Benchmark(Baseline = true)]
    public void DictionaryLoop()
    {
        var counts = new Dictionary<int, int>();
        foreach (double label in _labels)
        {
            int bin = Math.Clamp((int)Math.Floor(label), 0, 99);
            counts[bin] = counts.GetValueOrDefault(bin) + 1;
        }

        for (int i = 0; i < _labels.Length; i++)
        {
            _weights[i] = 1 / MathF.Sqrt(counts[Math.Clamp((int)Math.Floor(_labels[i]), 0, 99)]);
        }
    }
}
