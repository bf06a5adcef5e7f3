using DirKernels.Backends;
using Xunit;

namespace DirKernels.Gpu.Tests;

/// <summary>Counts and weights of labels against the scalar formula of the bins, label by label.</summary>
public sealed class LabelKernelTests : IDisposable
{
    private readonly GpuBackend _gpu = new(SimulatedDevice.Runtime, ownsRuntime: false);

    public static TheoryData<string> Bins => ["tenths", "ages", "edges", "many"];

    public void Dispose() => _gpu.Dispose();

    [Theory]
    [MemberData(nameof(Bins))]
    public void CountsAndWeightsAreThoseOfTheBins(string kind)
    {
        LabelBins bins = Create(kind);
        double[] labels = Labels(bins);
        var expected = new double[bins.Count];
        foreach (double label in labels)
        {
            expected[bins.IndexOf(label)]++;
        }

        using DeviceBuffer<double> onDevice = _gpu.Upload(labels);
        var counts = new double[bins.Count];
        for (int repetition = 0; repetition < 2; repetition++)
        {
            _gpu.CountLabels(onDevice, bins, counts);
            Assert.Equal(expected, counts);
        }

        float[] table = [.. Enumerable.Range(0, bins.Count).Select(b => b + 0.5f)];
        using DeviceBuffer<float> weights = _gpu.Allocate<float>(labels.Length);
        _gpu.WeighLabels(onDevice, bins, table, weights);
        Assert.Equal(labels.Select(label => bins.IndexOf(label) + 0.5f), _gpu.Download(weights));
    }

    [Fact]
    public void LabelsThatAreNotFiniteAreNamed()
    {
        LabelBins bins = LabelBins.Uniform(0, 1, 5);
        foreach (double bad in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            using DeviceBuffer<double> labels = _gpu.Upload([1, 2, 3, bad, 4, double.NaN]);
            InvalidDataException error = Assert.Throws<InvalidDataException>(() => _gpu.CountLabels(labels, bins, new double[5]));
            Assert.StartsWith("labels: row 3 of 6 ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void LengthsMustAgree()
    {
        LabelBins bins = LabelBins.Uniform(0, 1, 5);
        using DeviceBuffer<double> labels = _gpu.Upload([1.0, 2]);
        using DeviceBuffer<float> weights = _gpu.Allocate<float>(3);
        Assert.Contains("counts has 4 entries but there are 5 bins", Assert.Throws<ArgumentException>(() => _gpu.CountLabels(labels, bins, new double[4])).Message, StringComparison.Ordinal);
        Assert.Contains("weights has 3 entries but labels has 2", Assert.Throws<ArgumentException>(() => _gpu.WeighLabels(labels, bins, new float[5], weights)).Message, StringComparison.Ordinal);
        using DeviceBuffer<double> none = _gpu.Allocate<double>(0);
        double[] counts = [1, 1, 1, 1, 1];
        _gpu.CountLabels(none.Slice(0, 0), bins, counts);
        Assert.Equal(new double[5], counts);
    }

    private static LabelBins Create(string kind) => kind switch
    {
        "tenths" => LabelBins.Uniform(-1, 0.1, 37),
        "ages" => LabelBins.Uniform(0, 1, 121),
        "edges" => LabelBins.FromEdges([-3, -1.5, 0, 0.25, 7, 1000]),
        _ => LabelBins.Uniform(0, 0.001, 5000),
    };

    // On the edges, next to them on either side, between and far outside.
    private static double[] Labels(LabelBins bins)
    {
        var random = new Random(3);
        double low = bins.LowerEdge(0), span = bins.UpperEdge(bins.Count - 1) - low;
        return
        [
            .. Enumerable.Range(0, bins.Count).SelectMany(b => new[] { bins.LowerEdge(b), Math.BitDecrement(bins.LowerEdge(b)), Math.BitIncrement(bins.LowerEdge(b)), bins.LowerEdge(b) - 1e-9, bins.LowerEdge(b) - 1e-10 * span }),
            .. Enumerable.Range(0, 3000).Select(_ => low + span * (1.2 * random.NextDouble() - 0.1)),
            -1e300, 1e300, 0, -0.0, double.Epsilon, bins.UpperEdge(bins.Count - 1),
        ];
    }
}
