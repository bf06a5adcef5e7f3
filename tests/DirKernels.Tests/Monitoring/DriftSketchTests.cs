using DirKernels.Monitoring;
using Xunit;

namespace DirKernels.Tests.Monitoring;

public sealed class DriftSketchTests
{
    private const int Inputs = 3;
    private const int Bins = 5;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(37)]
    [InlineData(1000)]
    public void CountsAndMomentsAreThoseOfThePlainSums(int rows)
    {
        (float[] inputs, int[] bins) = Sample(rows, 1, 0, 1);
        DriftSketch sketch = Of(inputs, bins);
        Assert.Equal(rows, sketch.Rows);
        for (int b = 0; b < Bins; b++)
        {
            Assert.Equal(bins.Count(bin => bin == b), sketch.BinCounts[b]);
        }

        for (int input = 0; input < Inputs; input++)
        {
            double[] values = [.. Enumerable.Range(0, rows).Select(row => (double)inputs[row * Inputs + input]).Where(value => !double.IsNaN(value))];
            Assert.Equal(rows - values.Length, sketch.Missing(input));
            double mean = values.Length == 0 ? 0 : values.Average();
            Assert.Equal(mean, sketch.Mean(input), 1e-12);
            Assert.Equal(values.Length == 0 ? 0 : values.Average(value => (value - mean) * (value - mean)), sketch.Variance(input), 1e-12);
            for (int cell = 0; cell < DriftSketch.Cells; cell++)
            {
                double low = cell == 0 ? double.NegativeInfinity : -4 + 0.25 * (cell - 1), high = cell == DriftSketch.Cells - 1 ? double.PositiveInfinity : -4 + 0.25 * cell;
                Assert.Equal(values.Count(value => value >= low && value < high), sketch.CellCounts(input)[cell]);
            }
        }
    }

    [Fact]
    public void PartsMergeIntoTheWholeInAnyOrder()
    {
        (float[] inputs, int[] bins) = Sample(1000, 2, 0.3, 1.2);
        DriftSketch whole = Of(inputs, bins), forward = new(Inputs, Bins), backward = new(Inputs, Bins);
        int[] cuts = [0, 1, 1, 7, 300, 999, 1000];
        DriftSketch[] parts = [.. cuts.Zip(cuts[1..]).Select(cut => Of(inputs[(cut.First * Inputs)..(cut.Second * Inputs)], bins[cut.First..cut.Second]))];
        foreach (DriftSketch part in parts)
        {
            forward.Merge(part);
        }

        foreach (DriftSketch part in parts.Reverse())
        {
            backward.Merge(DriftSketch.Read(part.ToBytes()));
        }

        foreach (DriftSketch merged in new[] { forward, backward })
        {
            Assert.Equal(whole.Rows, merged.Rows);
            Assert.Equal(whole.BinCounts, merged.BinCounts);
            for (int input = 0; input < Inputs; input++)
            {
                Assert.Equal(whole.CellCounts(input), merged.CellCounts(input));
                Assert.Equal(whole.Missing(input), merged.Missing(input));
                Assert.Equal(whole.Mean(input), merged.Mean(input), 1e-12);
                Assert.Equal(whole.Variance(input), merged.Variance(input), 1e-12);
            }
        }

        Assert.Throws<ArgumentException>(() => whole.Merge(new DriftSketch(Inputs, Bins + 1)));
        Assert.Throws<ArgumentException>(() => whole.Merge(new DriftSketch(Inputs - 1, Bins)));
    }

    [Fact]
    public void MomentsSurviveLargeMeansAndValuesBeyondAnyUse()
    {
        var sketch = new DriftSketch(1, 1);
        var random = new Random(3);
        float[] inputs = [.. Enumerable.Range(0, 10_000).Select(_ => (float)(1e4 + random.NextDouble()))];
        sketch.Add(inputs, new int[inputs.Length]);
        double mean = inputs.Average(value => (double)value);
        Assert.Equal(inputs.Average(value => (value - mean) * (value - mean)), sketch.Variance(0), 1e-9);
        sketch.Add([float.PositiveInfinity, float.NegativeInfinity, float.MaxValue], [0, 0, 0]);
        Assert.True(double.IsFinite(sketch.Mean(0)) && double.IsFinite(sketch.Variance(0)));
        Assert.Equal(10_002, sketch.CellCounts(0)[^1]);
        Assert.Equal(1, sketch.CellCounts(0)[0]);
    }

    [Fact]
    public void WrongRowsAreRefusedWhole()
    {
        var sketch = new DriftSketch(2, 3);
        Assert.Throws<ArgumentException>(() => sketch.Add(new float[3], [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => sketch.Add(new float[4], [0, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => sketch.Add(new float[4], [-1, 0]));
        Assert.Equal(0, sketch.Rows);
        Assert.Equal([0, 0, 0], sketch.BinCounts);
    }

    [Fact]
    public void BytesAreReadBackToTheBitAndDamageIsFound()
    {
        (float[] inputs, int[] bins) = Sample(200, 4, 0, 1);
        byte[] bytes = Of(inputs, bins).ToBytes();
        Assert.Equal(bytes, DriftSketch.Read(bytes).ToBytes());
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] changed = [.. bytes];
            changed[at] ^= (byte)(1 << at % 8);
            Assert.Throws<InvalidDataException>(() => DriftSketch.Read(changed));
            Assert.Throws<InvalidDataException>(() => DriftSketch.Read(bytes.AsSpan(0, at)));
        }
    }

    [Fact]
    public void MeasuresAreThoseOfTheirFormulas()
    {
        (float[] before, int[] binsBefore) = Sample(700, 5, 0, 1);
        (float[] after, int[] binsAfter) = Sample(300, 6, 0.8, 1.5);
        DriftSketch reference = Of(before, binsBefore), live = Of(after, binsAfter);
        DriftReport report = DriftReport.Compare(reference, live);
        Assert.Equal((700L, 300L), (report.ReferenceRows, report.Rows));
        AssertMeasure(reference.BinCounts.ToArray(), live.BinCounts.ToArray(), report.Predictions);
        for (int input = 0; input < Inputs; input++)
        {
            DriftMeasure measure = report.Inputs[input];
            AssertMeasure(reference.CellCounts(input).ToArray(), live.CellCounts(input).ToArray(), measure);
            Assert.Equal((live.Mean(input) - reference.Mean(input)) / Math.Sqrt(reference.Variance(input)), measure.MeanShift, 1e-12);
            Assert.Equal(Math.Sqrt(live.Variance(input) / reference.Variance(input)), measure.SpreadRatio, 1e-12);
            Assert.Equal(live.Missing(input) / 300.0, measure.MissingShare, 1e-15);
            Assert.True(measure.Exceeds(0.25));
        }
    }

    [Fact]
    public void WithoutDriftTheIndexIsWhatChanceGives()
    {
        // Mean of 200 comparisons of samples of one distribution; its standard error is about sqrt(2 / (33 * 200)) = 1.7 % of the expectation.
        double index = 0, expected = 0;
        for (int trial = 0; trial < 200; trial++)
        {
            (float[] a, int[] binsA) = Sample(3000, 100 + trial, 0, 1);
            (float[] b, int[] binsB) = Sample(2000, 900 + trial, 0, 1);
            DriftMeasure measure = DriftReport.Compare(Of(a, binsA), Of(b, binsB)).Inputs[0];
            index += measure.StabilityIndex;
            expected += measure.Expected;
            Assert.False(measure.Exceeds(0.1));
        }

        // Cells with hardly any rows are drawn together by the half rows: the index stays somewhat below.
        Assert.InRange(index / expected, 0.7, 1.1);
    }

    [Fact]
    public void SketchesThatDoNotFitAreRefused()
    {
        DriftSketch sketch = Of([0, 0, 0], [1]);
        Assert.Throws<ArgumentException>(() => DriftReport.Compare(sketch, new DriftSketch(Inputs, Bins)));
        Assert.Throws<ArgumentException>(() => DriftReport.Compare(new DriftSketch(Inputs, Bins), sketch));
        Assert.Throws<ArgumentException>(() => DriftReport.Compare(sketch, new DriftSketch(Inputs + 1, Bins)));
        Assert.Throws<ArgumentException>(() => DriftReport.Compare(sketch, new DriftSketch(Inputs, Bins + 1)));
    }

    [Fact]
    public void AnInputThatIsAlwaysMissingHasNothingToCompare()
    {
        DriftSketch reference = Of([0, 1, 2], [1]), live = Of([float.NaN, 1, 2], [1]);
        DriftMeasure measure = DriftReport.Compare(reference, live).Inputs[0];
        Assert.Equal((0.0, 0.0, 1.0), (measure.StabilityIndex, measure.LargestGap, measure.MissingShare));
    }

    private static void AssertMeasure(long[] reference, long[] live, DriftMeasure measure)
    {
        double n = reference.Sum(), m = live.Sum();
        int[] used = [.. Enumerable.Range(0, reference.Length).Where(k => reference[k] + live[k] > 0)];
        double index = used.Sum(k =>
        {
            double p = (reference[k] + 0.5) / (n + used.Length / 2.0), q = (live[k] + 0.5) / (m + used.Length / 2.0);
            return (p - q) * Math.Log(p / q);
        });
        double gap = Enumerable.Range(1, reference.Length).Max(k => Math.Abs(reference[..k].Sum() / n - live[..k].Sum() / m));
        Assert.Equal(index, measure.StabilityIndex, 1e-12);
        Assert.Equal((used.Length - 1) * (1 / n + 1 / m), measure.Expected, 1e-12);
        Assert.Equal(gap, measure.LargestGap, 1e-12);
    }

    private static DriftSketch Of(float[] inputs, int[] bins)
    {
        var sketch = new DriftSketch(Inputs, Bins);
        sketch.Add(inputs, bins);
        return sketch;
    }

    private static (float[] Inputs, int[] Bins) Sample(int rows, int seed, double shift, double scale)
    {
        var random = new Random(seed);
        var inputs = new float[rows * Inputs];
        for (int i = 0; i < inputs.Length; i++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            inputs[i] = random.Next(50) == 0 ? float.NaN : (float)(shift + scale * normal);
        }

        return (inputs, [.. Enumerable.Range(0, rows).Select(_ => random.Next(Bins))]);
    }
}
