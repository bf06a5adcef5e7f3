using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    /// <summary>Diagonal, blocks that divide D and blocks that do not, full.</summary>
    private static readonly (int Dimensions, int BlockSize)[] _blocks =
        [(1, 1), (5, 1), (33, 1), (6, 2), (7, 3), (10, 4), (17, 16), (2, 2), (9, 9), (33, 33)];

    [Fact]
    public void AccumulateMomentsOfEveryKind()
    {
        foreach ((int dimensions, int blockSize) in _blocks)
        {
            foreach (int rows in new[] { 0, 1, 2, 15, 16, 17, 33, 400 })
            {
                var shape = new BinShape(7, dimensions, blockSize);
                CheckMoments(SampleNumbers.Normal(rows, rows * dimensions, 0.5, 2), SampleNumbers.Bins(1, rows, 7, empty: [0, 3]), shape, [rows]);
            }
        }
    }

    [Fact]
    public void AccumulateMomentsOfBatchesAreThoseOfAllRows()
    {
        foreach ((int dimensions, int blockSize) in _blocks)
        {
            var shape = new BinShape(5, dimensions, blockSize);
            float[] features = SampleNumbers.Normal(3, 300 * dimensions, 0.5, 2);
            int[] bins = SampleNumbers.Bins(4, 300, 5, empty: 2);
            CheckMoments(features, bins, shape, [1, 1, 50, 0, 3, 200, 45]);
            CheckMoments(features, bins, shape, [.. Enumerable.Repeat(1, 300)]);
        }
    }

    [Fact]
    public void AccumulateMomentsDoNotDependOnTheOrderOfRows()
    {
        var shape = new BinShape(5, 10, 4);
        float[] features = SampleNumbers.Normal(3, 300 * 10, 0.5, 2);
        int[] bins = SampleNumbers.Bins(4, 300, 5), order = [.. Enumerable.Range(0, 300)];
        new Random(5).Shuffle(order);
        var expected = new AccumulateMomentsReference(features, bins, shape);
        CheckMoments(GatherRowsReference.Gather(features, order, 10), GatherRowsReference.Gather(bins, order, 1), shape, [100, 100, 100], expected);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AccumulateMomentsSurviveLargeMeans(int blockSize)
    {
        // E[x^2] - E[x]^2 in single precision would be off by 1e8 u = 6; the task allows 1e-5 of the variance.
        const int Rows = 60_000, Dimensions = 3;
        var shape = new BinShape(2, Dimensions, blockSize);
        float[] features = SampleNumbers.Normal(6, Rows * Dimensions, mean: 1e4);
        int[] bins = SampleNumbers.Bins(7, Rows, 2);
        var expected = new AccumulateMomentsReference(features, bins, shape);
        (long[] counts, _, double[] scatters) = Accumulate(features, bins, shape, [.. Enumerable.Repeat(256, Rows / 256), Rows % 256]);
        Assert.Equal(expected.Counts, counts);
        for (int b = 0; b < 2; b++)
        {
            for (int i = 0; i < Dimensions; i++)
            {
                int at = (b * Dimensions + i) * blockSize + i % blockSize;
                Assert.Equal(expected.Scatters[at], scatters[at], 1e-5 * expected.Scatters[at]);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(37)]
    public void AccumulateMomentsSurviveAFirstRowFarFromTheOthers(int blockSize)
    {
        // The first rows of a bin are what a one-pass sum is likely to measure from.
        const int Rows = 1300, Dimensions = 37;
        float[] features = SampleNumbers.Normal(8, Rows * Dimensions);
        features.AsSpan(0, 2 * Dimensions).Fill(1e3f);
        var shape = new BinShape(1, Dimensions, blockSize);
        CheckMoments(features, new int[Rows], shape, [Rows]);
        CheckMoments(features, new int[Rows], shape, [2, 5, Rows - 7]);
    }

    [Fact]
    public void AccumulateMomentsKeepNaNInItsBin()
    {
        var shape = new BinShape(4, 5, 2);
        int[] bins = SampleNumbers.Bins(4, 60, 4);
        CheckMoments(WithNaN(SampleNumbers.Normal(3, 60 * 5), 5 * Array.IndexOf(bins, 2) + 3), bins, shape, [60]);
    }

    [Fact]
    public void AccumulateMomentsGiveTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        foreach ((int dimensions, int blockSize) in new[] { (100, 1), (70, 16), (67, 67) })
        {
            var shape = new BinShape(13, dimensions, blockSize);
            (long[] counts, double[] means, double[] scatters) = Accumulate(
                SampleNumbers.Normal(1, 1500 * dimensions), SampleNumbers.Bins(2, 1500, 13), shape, [700, 800], backend);
            bits.Add(counts);
            bits.Add(means);
            bits.Add(scatters);
        }
    });

    // 17 and 19 MB.
    private static readonly (int Rows, int Dimensions, int Bins)[] _largeTables = [(4_200, 1_030, 40), (130_000, 37, 900)];

    [Fact]
    public void AccumulateMomentsOfLargeTables()
    {
        foreach ((int rows, int dimensions, int bins) in _largeTables)
        {
            float[] features = SampleNumbers.Normal(9, rows * dimensions, 0.5, 2);
            CheckMoments(features, LongTailedBins(rows, bins), new BinShape(bins, dimensions, 1), [rows - 7, 7]);
        }
    }

    [Fact]
    public void AccumulateMomentsOfLargeTablesGiveTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        foreach ((int rows, int dimensions, int bins) in _largeTables)
        {
            var shape = new BinShape(bins, dimensions, 1);
            (long[] counts, double[] means, double[] scatters) = Accumulate(SampleNumbers.Normal(9, rows * dimensions), LongTailedBins(rows, bins), shape, [rows], backend);
            bits.Add(counts);
            bits.Add(means);
            bits.Add(scatters);
        }
    });

    // Half of the rows in one bin, nine or ten in another, one that has the last rows alone, and one without any.
    private static int[] LongTailedBins(int rows, int bins)
    {
        int[] result = SampleNumbers.Bins(10, rows, bins, empty: [3, 6, bins - 1]);
        for (int row = 0; row < rows; row += 2)
        {
            result[row] = row % (rows / 9) < 2 ? 6 : 5;
        }

        result.AsSpan(rows - 30).Fill(bins - 1);
        return result;
    }

    private (long[] Counts, double[] Means, double[] Scatters) Accumulate(float[] features, int[] bins, BinShape shape, int[] batches, IBackend? backend = null)
    {
        backend ??= Backend;
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<long> counts = operands.Updated(new long[shape.Bins]);
        GuardedBuffer<double> means = operands.Updated(new double[shape.Bins * shape.Dimensions]);
        GuardedBuffer<double> scatters = operands.Updated(new double[shape.Bins * shape.CovarianceWidth]);
        int start = 0;
        foreach (int count in batches)
        {
            float[] rows = features.AsSpan(start * shape.Dimensions, count * shape.Dimensions).ToArray();
            (int[] grouped, int[] offsets) = GroupByBinReference.Group(bins.AsSpan(start, count).ToArray(), shape.Bins);
            backend.AccumulateMoments(operands.Input(rows), operands.Input(grouped), operands.Input(offsets), shape, counts, means, scatters);
            start += count;
        }

        Assert.Equal(bins.Length, start);
        operands.CheckInputs();
        return (counts.Read(), means.Read(), scatters.Read());
    }

    private void CheckMoments(float[] features, int[] bins, BinShape shape, int[] batches, AccumulateMomentsReference? expected = null)
    {
        expected ??= new AccumulateMomentsReference(features, bins, shape);
        (long[] counts, double[] means, double[] scatters) = Accumulate(features, bins, shape, batches);
        string what = $"{shape}, {bins.Length} rows in {batches.Length} batches";
        Assert.Equal(expected.Counts, counts);

        // Double precision: 2^-53 for each of some hundred rows and merges of values below 10 is 1e-12; the scatter of n rows sums n such products.
        ErrorBound.Check(expected.Means, means, _ => 1e-12, what + " means");
        double largest = expected.Magnitudes.Where(double.IsFinite).DefaultIfEmpty().Max();
        ErrorBound.Check(expected.Scatters, scatters, e => (1e-12 * (1 + largest)) + SinglePrecisionBound(expected.Scatters, e, shape), what + " scatters");
    }

    /// <summary>
    /// Products of blocks may be summed in single precision over some rows before they are merged in double precision: so many roundings times u times the sum
    /// of |d_i d_j|, which is at most the root of the product of the two variances (Cauchy and Schwarz).
    /// </summary>
    private double SinglePrecisionBound(double[] scatters, int entry, BinShape shape)
    {
        int row = entry / shape.BlockSize, i = row % shape.Dimensions, j = shape.BlockStart(i) + entry % shape.BlockSize;
        if (shape.BlockSize == 1 || j >= shape.Dimensions)
        {
            return 0;
        }

        double Variance(int dimension) => scatters[((row - i + dimension) * shape.BlockSize) + dimension % shape.BlockSize];
        double bound = BlockMomentsRoundings * U * Math.Sqrt(Variance(i) * Variance(j));
        return double.IsFinite(bound) ? bound : 0;
    }
}
