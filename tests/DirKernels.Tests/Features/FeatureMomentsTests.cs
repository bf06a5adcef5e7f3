using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using DirKernels.Features;
using Xunit;

namespace DirKernels.Tests.Features;

/// <summary>Moments gathered in parts against the two-pass oracle over all rows.</summary>
public sealed class FeatureMomentsTests : IDisposable
{
    private const double U = ErrorBound.Unit;
    private const double U2 = 1.0 / (1L << 53);

    private static readonly CovarianceKind[] _kinds = [CovarianceKind.Diagonal, CovarianceKind.Block(3), CovarianceKind.Full];

    private readonly CpuBackend _backend = new(1);

    public void Dispose() => _backend.Dispose();

    [Fact]
    public void RandomPartsGiveTheMomentsOfAllRows()
    {
        const int Rows = 3_000, D = 7, B = 6;
        int[] bins = SampleNumbers.Bins(1, Rows, B, empty: 2);
        float[] z = SmoothedBins.Features(2, bins, D);
        foreach (CovarianceKind kind in _kinds)
        {
            var expected = new AccumulateMomentsReference(z, bins, new BinShape(B, D, kind.BlockSize(D)));
            using FeatureMoments whole = Gather(kind, B, D, z, bins);
            CheckAgainst(expected, whole, z, parts: Rows, $"{kind} in one pass");
            var random = new Random(3);
            for (int trial = 0; trial < 8; trial++)
            {
                FeatureMoments[] parts = [.. Enumerable.Range(0, random.Next(2, 7)).Select(_ => new FeatureMoments(D, B, kind, _backend))];
                for (int start = 0, count; start < Rows; start += count)
                {
                    count = Math.Min(random.Next(0, 700), Rows - start);
                    parts[random.Next(parts.Length)].Accumulate(z.AsSpan(start * D, count * D), bins.AsSpan(start, count));
                }

                using var merged = new FeatureMoments(D, B, kind, _backend);
                foreach (FeatureMoments part in parts)
                {
                    using (part)
                    {
                        merged.Merge(part);
                    }
                }

                CheckAgainst(expected, merged, z, parts: Rows, $"{kind} in {parts.Length} parts");
            }
        }
    }

    [Fact]
    public void TheOrderOfMergingDoesNotMatter()
    {
        const int D = 7, B = 4;
        foreach (CovarianceKind kind in _kinds)
        {
            using FeatureMoments a = Sample(kind, 11, 300), b = Sample(kind, 12, 40), c = Sample(kind, 13, 900);
            using FeatureMoments left = Merged(kind, a, b, c), bc = Merged(kind, b, c), right = Merged(kind, a, bc), swapped = Merged(kind, c, b, a);
            foreach (FeatureMoments other in new[] { right, swapped })
            {
                Assert.Equal(left.Counts(), other.Counts());
                for (int bin = 0; bin < B; bin++)
                {
                    // Two merges on either side, no more than eight roundings each; means and their differences are below 30.
                    double[] covariance = left.Covariance(bin), scatter = left.Scatter(bin), otherScatter = other.Scatter(bin);
                    ErrorBound.Check(left.Mean(bin), other.Mean(bin), _ => 32 * U2 * 30, $"{kind} mean of bin {bin}");
                    double n = left.Counts()[bin], largest = covariance.Max();
                    ErrorBound.Check(scatter, otherScatter, _ => 32 * U2 * n * (largest + (30 * Math.Sqrt(largest))), $"{kind} scatter of bin {bin}");
                }
            }
        }

        FeatureMoments Sample(CovarianceKind kind, int seed, int rows)
        {
            int[] bins = SampleNumbers.Bins(seed, rows, B);
            return Gather(kind, B, D, SmoothedBins.Features(seed, bins, D), bins);
        }

        FeatureMoments Merged(CovarianceKind kind, params FeatureMoments[] parts)
        {
            var merged = new FeatureMoments(D, B, kind, _backend);
            foreach (FeatureMoments part in parts)
            {
                merged.Merge(part);
            }

            return merged;
        }
    }

    [Fact]
    public void ASideWithoutSamplesLeavesTheOtherToTheBit()
    {
        int[] bins = SampleNumbers.Bins(1, 50, 4, empty: [0, 2]);
        float[] z = SmoothedBins.Features(2, bins, 5);
        foreach (CovarianceKind kind in _kinds)
        {
            using FeatureMoments gathered = Gather(kind, 4, 5, z, bins), nothing = new(5, 4, kind, _backend), target = new(5, 4, kind, _backend);
            byte[] before = gathered.ToBytes();
            gathered.Merge(nothing);
            Assert.Equal(before, gathered.ToBytes());
            target.Merge(gathered);
            Assert.Equal(before, target.ToBytes());
            Assert.Equal(before, gathered.ToBytes());
            target.Clear();
            Assert.Equal(nothing.ToBytes(), target.ToBytes());
            Assert.Equal(0, target.Total);
            Assert.Equal(new double[5], gathered.Mean(2));
        }
    }

    [Fact]
    public void OneSampleHasItsMeanAndNoScatterAndManyPartsOfOneAreTheWhole()
    {
        const int Rows = 60, D = 5, B = 3;
        int[] bins = SampleNumbers.Bins(5, Rows, B);
        float[] z = SmoothedBins.Features(6, bins, D);
        foreach (CovarianceKind kind in _kinds)
        {
            using var merged = new FeatureMoments(D, B, kind, _backend);
            for (int i = 0; i < Rows; i++)
            {
                using FeatureMoments one = Gather(kind, B, D, z[(i * D)..((i + 1) * D)], [bins[i]]);
                Assert.Equal(z.Skip(i * D).Take(D).Select(value => (double)value), one.Mean(bins[i]));
                Assert.All(one.Scatter(bins[i]), value => Assert.Equal(0, value));
                Assert.All(one.Covariance(bins[i]), value => Assert.Equal(0, value));
                merged.Merge(one);
            }

            CheckAgainst(new AccumulateMomentsReference(z, bins, new BinShape(B, D, kind.BlockSize(D))), merged, z, Rows, $"{kind} of single rows");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void LargeMeansSurviveAMillionRowsInParts(int blockSize)
    {
        // E[x^2] - E[x]^2 in single precision would be off by 1e8 u = 6.
        const int Rows = 1_000_000, D = 3, Parts = 10, Batch = 1_000;
        float[] z = SampleNumbers.Normal(6, Rows * D, mean: 1e4);
        int[] bins = SampleNumbers.Bins(7, Rows, 2);
        using var merged = new FeatureMoments(D, 2, CovarianceKind.Block(blockSize), _backend);
        for (int part = 0; part < Parts; part++)
        {
            using var gathered = new FeatureMoments(D, 2, CovarianceKind.Block(blockSize), _backend);
            for (int start = part * Rows / Parts; start < (part + 1) * Rows / Parts; start += Batch)
            {
                gathered.Accumulate(z.AsSpan(start * D, Batch * D), bins.AsSpan(start, Batch));
            }

            merged.Merge(gathered);
        }

        for (int b = 0; b < 2; b++)
        {
            double[] mean = merged.Mean(b), scatter = merged.Scatter(b);
            for (int i = 0; i < D; i++)
            {
                (double expectedMean, double expected) = TwoPasses(z, bins, b, i);
                Assert.Equal(expectedMean, mean[i], 1e-12 * expectedMean);
                Assert.Equal(expected, scatter[i * blockSize + i % blockSize], 1e-5 * expected);
            }
        }
    }

    [Fact]
    public void SmoothingTakesPartsGatheredElsewhere()
    {
        const int Rows = 500, D = 6, B = 5;
        foreach (CovarianceKind kind in _kinds)
        {
            var options = new FeatureSmoothingOptions { Covariance = kind, Kernel = SmoothedBins.ThreeTaps };
            using FeatureDistributionSmoothing whole = new(D, B, options, _backend), parted = new(D, B, options, _backend);
            for (int epoch = 0; epoch < 2; epoch++)
            {
                int[] bins = SampleNumbers.Bins(epoch, Rows, B, empty: 3);
                float[] z = SmoothedBins.Features(epoch + 5, bins, D);
                whole.Accumulate(z, bins);

                // A third at home, the others elsewhere, one of them sent as bytes.
                parted.Accumulate(z.AsSpan(0, 100 * D), bins.AsSpan(0, 100));
                using FeatureMoments second = Gather(kind, B, D, z[(100 * D)..(300 * D)], bins[100..300]), third = Gather(kind, B, D, z[(300 * D)..], bins[300..]);
                using FeatureMoments sent = FeatureMoments.Read(third.ToBytes());
                parted.Accumulate(second);
                parted.Accumulate(sent);
                Assert.Equal(whole.EndEpoch().EpochCounts, parted.EndEpoch().EpochCounts);
            }

            // Rounded to single precision once an epoch; products of blocks are summed in single precision on both sides.
            FeatureStatisticsState a = whole.Capture(), b = parted.Capture();
            Assert.Equal(a.SamplesSeen, b.SamplesSeen);
            double[] expected = Array.ConvertAll(a.RunningMeans, value => (double)value);
            ErrorBound.Check(expected, b.RunningMeans, i => 4 * U * Math.Abs(expected[i]), $"{kind} means");
            expected = Array.ConvertAll(a.RunningCovariances, value => (double)value);
            double largest = expected.Max(), sums = whole.BlockSize == 1 ? 0 : 2 * 130 * U * largest;
            ErrorBound.Check(expected, b.RunningCovariances, i => 4 * U * Math.Abs(expected[i]) + sums, $"{kind} covariances");
        }
    }

    [Fact]
    public void PartsMayLieOnOtherBackendsAndMergeWithThemselves()
    {
        using var other = new CpuBackend(2);
        using FeatureMoments here = new(2, 3, CovarianceKind.Full, _backend), there = new(2, 3, CovarianceKind.Full, other);
        here.Accumulate([1f, 2], [1]);
        there.Accumulate([3f, 6], [1]);
        here.Merge(there);
        Assert.Equal((2L, 1L), (here.Total, there.Total));
        Assert.Equal([2, 4], here.Mean(1));
        Assert.Equal([2, 0, 4, 8], here.Scatter(1));
        Assert.Equal([2, 0, 4, 8], here.Covariance(1));
        here.Merge(here);
        Assert.Equal([0, 4, 0], here.Counts());
        Assert.Equal([2, 4], here.Mean(1));
        Assert.Equal([4, 0, 8, 16], here.Scatter(1));
    }

    [Fact]
    public void WhatDoesNotFitIsNamed()
    {
        using var moments = new FeatureMoments(4, 5, CovarianceKind.Block(2), _backend);
        foreach ((int d, int b, int g) in new[] { (3, 5, 2), (4, 6, 2), (4, 5, 4) })
        {
            using var other = new FeatureMoments(d, b, CovarianceKind.Block(g), _backend);
            string message = Assert.Throws<ArgumentException>(() => moments.Merge(other)).Message;
            Assert.Contains($"{b} bins of {d} dimensions in blocks of {g}", message);
            Assert.Contains("5 bins of 4 dimensions in blocks of 2", message);
            using var smoothing = new FeatureDistributionSmoothing(4, 5, new() { Covariance = CovarianceKind.Block(2) }, _backend);
            Assert.Throws<ArgumentException>(() => smoothing.Accumulate(other));
        }

        string shapes = Assert.Throws<ArgumentException>(() => moments.Accumulate(new float[11], [0, 1, 2])).Message;
        Assert.Contains("11 elements", shapes);
        Assert.Contains("3 entries", shapes);
        Assert.Contains("row 1", Assert.Throws<ArgumentException>(() => moments.Accumulate(new float[8], [0, 5])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => moments.Mean(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureMoments(0, 5, CovarianceKind.Diagonal));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureMoments(1, 0, CovarianceKind.Diagonal));
        Assert.Contains("65536 dimensions", Assert.Throws<ArgumentException>(() => new FeatureMoments(65536, 1, CovarianceKind.Full)).Message);
        Assert.Throws<ArgumentNullException>(() => moments.Merge(null!));
    }

    [Fact]
    public void AccumulatingAllocatesNothing()
    {
        int[] bins = SampleNumbers.Bins(1, 300, 6);
        float[] z = SmoothedBins.Features(2, bins, 5);
        foreach (CovarianceKind kind in _kinds)
        {
            using var moments = new FeatureMoments(5, 6, kind, _backend);
            Assert.Equal(0, AllocatedBytes.Smallest(() => moments.Accumulate(z, bins)));
        }
    }

    private FeatureMoments Gather(CovarianceKind kind, int binCount, int dimensions, float[] z, int[] bins)
    {
        var moments = new FeatureMoments(dimensions, binCount, kind, _backend);
        moments.Accumulate(z, bins);
        return moments;
    }

    /// <summary>
    /// With x the largest magnitude, n rows of a bin with variances V merged in p parts, and u = 2^-53: a mean is off by e = 4 (n + p) u x at most; a
    /// scatter by its own (n + 8 p) roundings, n (2 e sqrt(V) + e^2) from the means, and for blocks 130 roundings of single precision.
    /// </summary>
    private static void CheckAgainst(AccumulateMomentsReference expected, FeatureMoments moments, float[] z, int parts, string what)
    {
        int d = moments.Dimensions, g = moments.BlockSize;
        double x = z.Max(Math.Abs);
        Assert.Equal(expected.Counts, moments.Counts());
        for (int b = 0; b < moments.BinCount; b++)
        {
            double n = expected.Counts[b], e = 4 * (n + parts) * U2 * x;
            ErrorBound.Check(expected.Means.AsSpan(b * d, d), moments.Mean(b), _ => e, $"{what}, mean of bin {b}");
            double[] scatter = expected.Scatters[(b * d * g)..((b + 1) * d * g)];
            double Deviation(int dimension) => Math.Sqrt(scatter[(dimension * g) + dimension % g]);
            ErrorBound.Check(scatter, moments.Scatter(b), Bound, $"{what}, scatter of bin {b}");

            double Bound(int entry)
            {
                int i = entry / g, j = i - i % g + entry % g;
                if (j > i)
                {
                    return 0;
                }

                double product = Deviation(i) * Deviation(j), means = Math.Sqrt(n) * e * (Deviation(i) + Deviation(j)) + n * e * e;
                return ((n + 8 * parts) * U2 * product) + means + (g == 1 ? 0 : 130 * U * product);
            }
        }
    }

    private static (double Mean, double Scatter) TwoPasses(float[] z, int[] bins, int bin, int dimension)
    {
        int dimensions = z.Length / bins.Length;
        double sum = 0, squares = 0;
        long count = 0;
        for (int r = 0; r < bins.Length; r++)
        {
            if (bins[r] == bin)
            {
                sum += z[r * dimensions + dimension];
                count++;
            }
        }

        double mean = sum / count;
        for (int r = 0; r < bins.Length; r++)
        {
            double deviation = z[r * dimensions + dimension] - mean;
            squares += bins[r] == bin ? deviation * deviation : 0;
        }

        return (mean, squares);
    }
}
