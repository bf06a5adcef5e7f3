using DirKernels.Conformance;
using DirKernels.Features;
using Xunit;

namespace DirKernels.Tests.Features;

public sealed class FeatureTransportTests
{
    private const int Dimensions = 3;

    private static readonly LabelBins _bins = LabelBins.Uniform(0, 2, 8);

    // Bins 0..7 have 40, 30, 20, 10, 0, 5, 3, 1 rows.
    private static readonly int[] _counts = [40, 30, 20, 10, 0, 5, 3, 1];
    private static readonly double[] _labels = [.. _counts.SelectMany((count, b) => Enumerable.Repeat(2.0 * b + 1, count))];

    [Fact]
    public void LinesAreKeptAndLonelyBinsToo()
    {
        double[] counts = [.. _counts.Select(count => (double)count)], line = [.. Enumerable.Range(0, 8).SelectMany(b => counts[b] == 0 ? new double[2] : [3 + 2.0 * b, -b])];
        var smoothed = new double[16];
        LocalLinearMeans.Smooth(line, counts, 3, smoothed);
        for (int k = 0; k < 16; k++)
        {
            Assert.Equal(line[k], smoothed[k], 1e-12);
        }

        LocalLinearMeans.Smooth([5, 0, 0, 7], [1, 0, 0, 2], 0.1, smoothed.AsSpan(0, 4));
        Assert.Equal([5, 0, 0, 7], smoothed[..4]);
        LocalLinearMeans.Smooth([0, 7, 0], [0, 2, 0], 3, smoothed.AsSpan(0, 3));
        Assert.Equal([0, 7, 0], smoothed[..3]);
    }

    [Theory]
    [InlineData(0.7)]
    [InlineData(3)]
    [InlineData(50)]
    public void MeansAreThoseOfWeightedLeastSquares(double sigma)
    {
        double[] counts = [.. _counts.Select(count => (double)count)], means = [.. SampleNumbers.Normal(1, 8).Select(x => (double)x)];
        var smoothed = new double[8];
        LocalLinearMeans.Smooth(means, counts, sigma, smoothed);
        for (int b = 0; b < 8; b++)
        {
            if (counts[b] == 0)
            {
                Assert.Equal(0, smoothed[b]);
                continue;
            }

            // The line through the weighted centre of gravity, where the formula of the implementation solves for the value at the bin.
            double[] weights = [.. Enumerable.Range(0, 8).Select(c => counts[c] * Math.Exp(-0.5 * Math.Pow((c - b) / sigma, 2)))];
            double mass = weights.Sum(), centre = weights.Select((w, c) => w * c).Sum() / mass, level = weights.Select((w, c) => w * means[c]).Sum() / mass;
            double slope = weights.Select((w, c) => w * (c - centre) * (means[c] - level)).Sum() / weights.Select((w, c) => w * (c - centre) * (c - centre)).Sum();

            // Bins beyond six sigmas weigh less than exp(-18) of 40 to 1.
            Assert.Equal(level + slope * (b - centre), smoothed[b], 1e-5);
        }
    }

    [Fact]
    public void DestinationsAreDrawnByDistanceAndInverseRootOfTheSmoothedDensity()
    {
        SmoothingKernel window = SmoothingKernel.Triangular(3);
        FeatureTransport transport = Create(new TransportOptions { DensityWindow = window }, 2.5);
        Assert.Equal(1.25, transport.ResidualDeviation); // bins are 2 wide
        double[] density = [.. Enumerable.Range(0, 8).Select(b => _counts[b] + 0.5 * (b > 0 ? _counts[b - 1] : 0) + 0.5 * (b < 7 ? _counts[b + 1] : 0))];
        const int Draws = 40_000;
        transport.StartEpoch(3);
        foreach (int bin in new[] { 0, 2, 6 })
        {
            int[] rows = [.. Enumerable.Range(0, Draws)], bins = [.. Enumerable.Repeat(bin, Draws)], destinations = new int[Draws];
            transport.Draw(rows, bins, destinations);
            double[] masses = [.. Enumerable.Range(0, 8).Select(b => _counts[b] == 0 ? 0 : Math.Exp(-0.5 * Math.Pow((b - bin) / 1.25, 2)) / Math.Sqrt(density[b]))];
            for (int b = 0; b < 8; b++)
            {
                double share = masses[b] / masses.Sum();

                // Five standard deviations of a share of so many draws.
                Assert.Equal(share, destinations.Count(d => d == b) / (double)Draws, 5 * Math.Sqrt(share * (1 - share) / Draws));
            }
        }
    }

    [Fact]
    public void DrawsAreAFunctionOfSeedEpochAndRow()
    {
        FeatureTransport transport = Create(new TransportOptions(), 4), other = Create(new TransportOptions(), 4, seed: 8);
        int[] rows = [.. Enumerable.Range(0, 500)], bins = [.. rows.Select(i => i % 4)];
        int[] Draw(FeatureTransport from, int epoch, int[] numbers, int[] of)
        {
            var destinations = new int[numbers.Length];
            from.StartEpoch(epoch);
            from.Draw(numbers, of, destinations);
            return destinations;
        }

        int[] first = Draw(transport, 1, rows, bins);
        Assert.Equal(first, Draw(transport, 1, rows, bins));
        Assert.Equal(first.Reverse(), Draw(transport, 1, [.. rows.Reverse()], [.. bins.Reverse()]));
        Assert.NotEqual(first, Draw(transport, 2, rows, bins));
        Assert.NotEqual(first, Draw(other, 1, rows, bins));
    }

    [Fact]
    public void FeaturesMoveByTheMeansAndLabelsByTheCentres()
    {
        FeatureTransport transport = Create(new TransportOptions { MeansSigma = 1.5 }, 2);
        (double[] means, double[] counts) = Means();
        var smoothed = new double[means.Length];
        LocalLinearMeans.Smooth(means, counts, 1.5, smoothed);
        float[] features = SampleNumbers.Normal(9, 2 * Dimensions), moved = new float[features.Length];
        transport.Move(features, [0, 3], [5, 3], moved);
        for (int d = 0; d < Dimensions; d++)
        {
            // Means of at most 40 rows of single precision, below 8, and three roundings.
            Assert.Equal(features[d] + smoothed[5 * Dimensions + d] - smoothed[d], moved[d], 1e-5);
            Assert.Equal(features[Dimensions + d], moved[Dimensions + d], 1e-6);
        }

        Assert.Equal(10, transport.LabelMove(0, 5));
        Assert.Equal(-4, transport.LabelMove(3, 1));
        Assert.Equal(0, transport.LabelMove(2, 2));
        transport.Move(features, [0, 3], [5, 3], features);
        Assert.Equal(moved, features);
    }

    [Fact]
    public void WithoutResidualsRowsStayAndWithoutAnEpochNothingMoves()
    {
        FeatureTransport still = Create(new TransportOptions(), 0);
        int[] rows = [.. Enumerable.Range(0, 200)], bins = [.. rows.Select(i => i % 4)], destinations = new int[200];
        still.StartEpoch(1);
        still.Draw(rows, bins, destinations);
        Assert.Equal(bins, destinations);
        Assert.False(new FeatureTransport(Dimensions, _labels, _bins, new TransportOptions(), 1).IsMoving);
        Assert.True(still.IsMoving);
    }

    [Fact]
    public void MomentumBlendsEpochsAndStatesTravel()
    {
        FeatureTransport plain = Create(new TransportOptions(), 1), blended = Create(new TransportOptions { Momentum = 0.5 }, 1);
        using FeatureMoments second = Moments(5);
        plain.EndEpoch(second, 3);
        blended.EndEpoch(second, 3);
        double[] first = Means().Means, latest = plain.Capture().Means, both = blended.Capture().Means;
        for (int k = 0; k < first.Length; k++)
        {
            Assert.Equal(0.5 * first[k] + 0.5 * latest[k], both[k], 1e-6);
        }

        var restored = new FeatureTransport(Dimensions, _labels, _bins, new TransportOptions { Momentum = 0.5 }, 7);
        restored.Restore(blended.Capture());
        float[] features = SampleNumbers.Normal(9, Dimensions), a = new float[Dimensions], b = new float[Dimensions];
        blended.Move(features, [0], [6], a);
        restored.Move(features, [0], [6], b);
        Assert.Equal(a, b);
        Assert.Equal(1.5, restored.ResidualDeviation);
        var other = new FeatureTransport(Dimensions + 1, _labels, _bins, new TransportOptions(), 7);
        Assert.Contains("24 numbers", Assert.Throws<InvalidDataException>(() => other.Restore(blended.Capture())).Message);
        Assert.Contains("but the moments are of 8 and 3", Assert.Throws<ArgumentException>(() => other.EndEpoch(second, 1)).Message);
    }

    [Fact]
    public void OptionsOutOfRangeAreRefused()
    {
        Assert.Throws<ArgumentException>(() => Create(new TransportOptions { MeansSigma = 0 }, 1));
        Assert.Throws<ArgumentException>(() => Create(new TransportOptions { Momentum = 1 }, 1));
        Assert.Contains("row 1", Assert.Throws<InvalidDataException>(() => new FeatureTransport(2, [1, double.NaN], _bins, new TransportOptions(), 1)).Message);
        Assert.Throws<ArgumentException>(() => new FeatureTransport(2, [1], LabelBins.Uniform(0, 1, 3), new TransportOptions(), 1));
    }

    private static FeatureTransport Create(TransportOptions options, double residual, ulong seed = 7)
    {
        var transport = new FeatureTransport(Dimensions, _labels, _bins, options, seed);
        using FeatureMoments moments = Moments(2);
        transport.EndEpoch(moments, residual);
        return transport;
    }

    private static float[] Features(int seed) => [.. SampleNumbers.Normal(seed, _labels.Length * Dimensions).Select((x, i) => x + 0.3f * (float)_labels[i / Dimensions])];

    private static FeatureMoments Moments(int seed)
    {
        var moments = new FeatureMoments(Dimensions, 8, CovarianceKind.Diagonal);
        moments.Accumulate(Features(seed), _bins.Assign(_labels));
        return moments;
    }

    private static (double[] Means, double[] Counts) Means()
    {
        float[] features = Features(2);
        int[] bins = _bins.Assign(_labels);
        var means = new double[8 * Dimensions];
        for (int i = 0; i < features.Length; i++)
        {
            means[bins[i / Dimensions] * Dimensions + i % Dimensions] += features[i] / (double)_counts[bins[i / Dimensions]];
        }

        return (means, [.. _counts.Select(count => (double)count)]);
    }
}
