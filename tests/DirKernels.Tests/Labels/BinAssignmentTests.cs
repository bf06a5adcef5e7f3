using DirKernels.Labels;
using Xunit;

namespace DirKernels.Tests.Labels;

/// <summary>Bins, counts and weights of many labels are exactly those of one label at a time.</summary>
public sealed class BinAssignmentTests
{
    public static TheoryData<LabelBins> Partitions()
    {
        var random = new Random(5);
        double[] tail = [.. Enumerable.Range(0, 5000).Select(_ => -20 * Math.Log(1 - random.NextDouble()))];
        double[] powers = [.. Enumerable.Range(-300, 600).Select(e => Math.Pow(10, e))];
        double[] steps = [.. Enumerable.Range(0, 3001).Select(i => i + 0.9 * random.NextDouble())];
        return new TheoryData<LabelBins>
        {
            LabelBins.Uniform(0, 1, 100),
            LabelBins.Uniform(0, 0.1, 7),
            LabelBins.Uniform(-3.3, 0.1, 256),
            LabelBins.Uniform(1.0 / 3, 1e-3, 257),
            LabelBins.Uniform(-1e6, 12.7, 70_000),
            LabelBins.Uniform(5, 2, 1),
            LabelBins.Uniform(-1e-300, 1e-305, 12),
            LabelBins.Uniform(-1.7e308, 1e307, 17),
            LabelBins.Uniform(0, 0.9e-270, 40),
            LabelBins.Uniform(0, 1.1e270, 40),
            LabelBins.Quantiles(tail, 100),
            LabelBins.FromEdges([0, 1]),
            LabelBins.FromEdges([-1, -0.0, 0.3]),
            LabelBins.FromEdges(steps),
            LabelBins.FromEdges(powers),
            LabelBins.FromEdges([-1.7e308, -1, 0, double.Epsilon, 1, 1.7e308]),
            LabelBins.FromEdges([0, double.Epsilon, 3 * double.Epsilon, 9 * double.Epsilon]),
            LabelBins.FromEdges([1, Math.BitIncrement(1), 2, Math.BitIncrement(2), 1e6]),
        };
    }

    [Theory]
    [MemberData(nameof(Partitions))]
    public void AreThoseOfOneLabelAtATime(LabelBins bins)
    {
        double[] labels = Labels(bins);
        int[] expected = [.. labels.Select(bins.IndexOf)];
        Assert.Equal(expected, bins.Assign(labels));

        var counts = new double[bins.Count];
        LabelDistributionSmoothing.Count(labels, bins, counts);
        var expectedCounts = new double[bins.Count];
        foreach (int bin in expected)
        {
            expectedCounts[bin]++;
        }

        Assert.Equal(expectedCounts, counts);
        var fitted = LabelDistributionSmoothing.Fit(labels, bins, null, Reweighting.SqrtInverse);
        float[] expectedWeights = [.. expected.Select(b => (float)fitted.Weights[b])];
        var weights = new float[labels.Length];
        LabelDistributionSmoothing.Weights(labels, bins, null, Reweighting.SqrtInverse, weights);
        Assert.Equal(expectedWeights, weights);
        Assert.Equal(expectedWeights, fitted.Assign(labels));
    }

    [Theory]
    [MemberData(nameof(Partitions))]
    public void OfEveryLengthAndAlignment(LabelBins bins)
    {
        double[] labels = Labels(bins);
        new Random(9).Shuffle(labels);
        var assigned = new int[300];
        var weights = new float[302];
        for (int length = 0; length <= 256; length++)
        {
            ReadOnlySpan<double> part = labels.AsSpan(length % 7, length);
            Array.Fill(assigned, -7);
            bins.Assign(part, assigned.AsSpan(1, length));
            Assert.Equal(-7, assigned[0]);
            Assert.Equal(-7, assigned[length + 1]);
            for (int i = 0; i < length; i++)
            {
                Assert.Equal(bins.IndexOf(part[i]), assigned[i + 1]);
            }

            if (length > 0 && bins.Count <= 3000)
            {
                Array.Fill(weights, -7);
                LabelDistributionSmoothing.Weights(part, bins, null, Reweighting.Inverse, weights.AsSpan(1, length));
                Assert.Equal(-7, weights[0]);
                Assert.Equal(-7, weights[length + 1]);
                Assert.Equal(LabelDistributionSmoothing.Fit(part, bins, null, Reweighting.Inverse).Assign(part), weights[1..(length + 1)]);
            }
        }
    }

    [Fact]
    public void NamesTheFirstRowThatIsNotFinite()
    {
        foreach (var bins in new[] { LabelBins.Uniform(0, 1, 9), LabelBins.FromEdges([0, 1, 4, 9]), LabelBins.FromEdges([-1.7e308, 0, 1.7e308]) })
        {
            foreach (double wrong in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
            {
                foreach (int row in new[] { 0, 1, 15, 16, 31, 255, 256, 300, 599 })
                {
                    var labels = new double[600];
                    labels[row] = wrong;
                    labels[599] = double.NaN;
                    string start = $"label of row {row} (counted from 0)";
                    Assert.StartsWith(start, Assert.Throws<InvalidDataException>(() => bins.Assign(labels)).Message);
                    Assert.StartsWith(start, Assert.Throws<InvalidDataException>(
                        () => LabelDistributionSmoothing.Count(labels, bins, new double[bins.Count])).Message);
                    Assert.StartsWith(start, Assert.Throws<InvalidDataException>(
                        () => LabelDistributionSmoothing.Weights(labels, bins, null, Reweighting.Inverse, new float[600])).Message);
                }
            }
        }
    }

    /// <summary>Quotients that are found by multiplication are rounded as those of a division, next to every multiple of any width.</summary>
    [Fact]
    public void AreThoseOfOneLabelAtATimeForAnyWidth()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 300; trial++)
        {
            double width = (1 + random.NextDouble()) * Math.Pow(2, random.Next(-60, 60));
            if (trial % 10 == 0)
            {
                // The largest and smallest significands are where rounded inverses are worst.
                width = trial % 20 == 0 ? Math.BitDecrement(Math.Pow(2, trial / 20)) : Math.BitIncrement(Math.Pow(2, -trial / 20));
            }

            double lower = trial % 3 == 0 ? 0 : (random.NextDouble() - 0.5) * 100 * width;
            var bins = LabelBins.Uniform(lower, width, 64);
            var labels = new List<double>();
            for (int k = -1; k <= 65; k++)
            {
                foreach (double share in new[] { 0, -1e-9, 1e-9, 0.5, random.NextDouble() })
                {
                    double label = lower + (k + share) * width;
                    labels.AddRange([label, Math.BitDecrement(label), Math.BitIncrement(label)]);
                }
            }

            Assert.Equal(labels.Select(bins.IndexOf), bins.Assign([.. labels]));
        }
    }

    /// <summary>Weights that are larger than the caches take other ways to the same numbers, and nothing around them changes.</summary>
    [Theory]
    [InlineData(100)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(256)]
    [InlineData(300)]
    [InlineData(70_000)]
    public void WeightsOfAMillionLabels(int binCount)
    {
        const int Count = (1 << 20) + 519;
        const float Sentinel = -7;

        var bins = LabelBins.Uniform(0, 1, binCount);
        double[] labels = [.. Enumerable.Range(0, Count).Select(i => binCount * (double)CounterRandom.Uniform(9, (ulong)i))];
        for (int offset = 1; offset < 35; offset += 11)
        {
            foreach (int count in new[] { 1 << 20, Count - 100, Count })
            {
                var memory = new float[Count + 64];
                Array.Fill(memory, Sentinel);
                LabelWeights fitted = LabelDistributionSmoothing.Fit(labels.AsSpan(0, count), bins, null, Reweighting.Inverse);
                LabelDistributionSmoothing.Weights(labels.AsSpan(0, count), bins, null, Reweighting.Inverse, memory.AsSpan(offset, count));
                for (int i = 0; i < count; i++)
                {
                    Assert.True(memory[offset + i] == (float)fitted.Weights[bins.IndexOf(labels[i])], $"weight {i} of {count}, offset {offset}");
                }

                Assert.All(memory.AsSpan(0, offset).ToArray(), value => Assert.Equal(Sentinel, value));
                Assert.All(memory.AsSpan(offset + count).ToArray(), value => Assert.Equal(Sentinel, value));
            }
        }
    }

    /// <summary>Random labels, decimal numbers, huge ones, and every edge with its neighbours and its tolerance.</summary>
    private static double[] Labels(LabelBins bins)
    {
        var random = new Random(11);
        double lower = bins.Edges[0], span = bins.Edges[^1] / 2 - lower / 2;
        var labels = new List<double> { 0, -0.0, double.MaxValue, double.MinValue, double.Epsilon, -double.Epsilon, 1e15, -1e15 };
        foreach (double edge in bins.Edges)
        {
            double width = bins.UniformRule?.Width ?? 0;
            foreach (double centre in new[] { edge, edge - width * 1e-9, edge + width * 1e-9 })
            {
                double below = centre, above = centre;
                labels.Add(centre);
                for (int ulps = 0; ulps < (bins.Count > 5000 ? 1 : 4); ulps++)
                {
                    labels.Add(below = Math.BitDecrement(below));
                    labels.Add(above = Math.BitIncrement(above));
                }
            }
        }

        for (int i = 0; i < 5000; i++)
        {
            labels.Add(lower - 0.2 * span + 2.4 * span * random.NextDouble());
            labels.Add(i / 10.0);
            labels.Add(-i / 100.0);
            labels.Add(Math.Exp(1400 * random.NextDouble() - 700));
        }

        return [.. labels.Where(double.IsFinite)];
    }
}
