using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void CalibrateOfEveryKind()
    {
        foreach ((int dimensions, int blockSize) in _blocks.Append((256, 1)).Append((65, 65)))
        {
            foreach (int rows in new[] { 0, 1, 2, 3, 33, 100 })
            {
                var shape = new BinShape(5, dimensions, blockSize);
                CheckCalibrate(shape, SampleNumbers.Normal(1, rows * dimensions, 0.5, 2), SampleNumbers.Bins(2, rows, 5));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(37)]
    public void CalibrateManyRowsOfOneBin(int blockSize) =>
        CheckCalibrate(new BinShape(2, 37, blockSize), SampleNumbers.Normal(1, 900 * 37, 0.5, 2), [.. Enumerable.Range(0, 900).Select(i => i % 89 == 0 ? 1 : 0)]);

    /// <summary>Maps that do not fit a first-level cache, and one that does not fit a second-level one; bins whose rows follow each other, a few of them up to more than one product takes.</summary>
    [Theory]
    [InlineData(130, 130)]
    [InlineData(256, 256)]
    [InlineData(390, 150)]
    [InlineData(600, 600)]
    public void CalibrateByLargeMaps(int dimensions, int blockSize)
    {
        int[] rowsOfBins = [17, 18, 19, 25, 240];
        int[] bins = [.. rowsOfBins.SelectMany((rows, bin) => Enumerable.Repeat(bin, rows))];
        CheckCalibrate(new BinShape(rowsOfBins.Length, dimensions, blockSize), SampleNumbers.Normal(1, bins.Length * dimensions, 0.5, 2), bins);
    }

    [Fact]
    public void CalibrateWithEmptyMapsIsTheIdentity()
    {
        var shape = new BinShape(2, 5, 5);
        float[] z = SampleNumbers.Normal(1, 15);
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> calibrated = operands.Output<float>(15);
        Backend.Calibrate(
            operands.Input(z), operands.Input([0, 1, 0]), default, shape, operands.Input(SampleNumbers.Normal(2, 10)), operands.Input(new float[50]), operands.Input(new float[10]), calibrated);
        Assert.Equal(z, calibrated.Read());
    }

    [Fact]
    public void CalibrateKeepsNaNInItsRowAndBlock()
    {
        var shape = new BinShape(5, 10, 4);
        CheckCalibrate(shape, WithNaN(SampleNumbers.Normal(1, 60), 25, 39), [0, 1, 2, 3, 4, 0]);
        CheckCalibrate(new BinShape(5, 10, 1), WithNaN(SampleNumbers.Normal(1, 60), 25), [0, 1, 2, 3, 4, 0]);
    }

    [Fact]
    public void CalibrateGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        foreach ((int dimensions, int blockSize) in new[] { (128, 1), (70, 16), (101, 101), (200, 200) })
        {
            var shape = new BinShape(5, dimensions, blockSize);
            using var operands = new GuardedOperands(backend);
            GuardedBuffer<float> calibrated = operands.Output<float>(601 * dimensions), gradient = operands.Output<float>(601 * dimensions);
            DeviceView<float> z = operands.Input(SampleNumbers.Normal(1, 601 * dimensions)), maps = operands.Input(LowerMaps(shape)), transposed = operands.Input(Transposed(LowerMaps(shape), shape));
            DeviceView<int> bins = operands.Input(SampleNumbers.Bins(2, 601, 5));
            DeviceView<float> means = operands.Input(SampleNumbers.Normal(3, 5 * dimensions)), shifts = operands.Input(SampleNumbers.Normal(4, 5 * dimensions));
            backend.Calibrate(z, bins, default, shape, means, transposed, shifts, calibrated);
            backend.CalibrateGradient(z, bins, default, shape, maps, gradient);
            bits.Add(calibrated.Read());
            bits.Add(gradient.Read());
        }
    });

    /// <summary>Maps as SolveMaps leaves them: lower triangles of the blocks, zeros above.</summary>
    private static float[] LowerMaps(BinShape shape)
    {
        float[] maps = SampleNumbers.Normal(5, shape.Bins * shape.CovarianceWidth, deviation: 0.3);
        for (int at = 0; at < maps.Length; at++)
        {
            int i = at / shape.BlockSize % shape.Dimensions;
            if (shape.BlockStart(i) + at % shape.BlockSize > i)
            {
                maps[at] = 0;
            }
        }

        return maps;
    }

    /// <summary>
    /// A NaN feature must make NaN of what its map sends it to; that the zeros of the map make NaN of the rest of its row's block, too, is allowed: products
    /// of whole tiles do so, and the row is lost anyway. Other blocks and rows must be untouched.
    /// </summary>
    private static void AcceptNaNInBlocksOfNaN(double[] expected, float[] actual, float[] inputs, BinShape shape)
    {
        for (int at = 0; at < expected.Length; at++)
        {
            int i = at % shape.Dimensions, start = shape.BlockStart(i), end = Math.Min(start + shape.BlockSize, shape.Dimensions);
            bool hasNaN = inputs.AsSpan(at - i + start, end - start).ContainsAnyExceptInRange(float.MinValue, float.MaxValue);
            if (hasNaN && float.IsNaN(actual[at]))
            {
                expected[at] = double.NaN;
            }
        }
    }

    /// <summary>The blocks transposed: entry (j, i) is T_ij.</summary>
    private static float[] Transposed(float[] maps, BinShape shape)
    {
        var transposed = new float[maps.Length];
        for (int row = 0; row < shape.Bins * shape.Dimensions; row++)
        {
            int i = row % shape.Dimensions, start = shape.BlockStart(i), first = row - i + start;
            for (int j = start; j <= i; j++)
            {
                transposed[((first + j - start) * shape.BlockSize) + i - start] = maps[(row * shape.BlockSize) + j - start];
            }
        }

        return transposed;
    }

    private void CheckCalibrate(BinShape shape, float[] z, int[] bins)
    {
        int length = shape.Bins * shape.Dimensions;
        float[] means = SampleNumbers.Normal(3, length), shifts = SampleNumbers.Normal(4, length), maps = LowerMaps(shape);
        (double[] expected, double[] magnitude) = CalibrateReference.Calibrate(z, bins, shape, means, maps, shifts);
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> calibrated = operands.Output<float>(z.Length), same = operands.Updated(z);
        var (b, m, t, s) = (operands.Input(bins), operands.Input(means), operands.Input(Transposed(maps, shape)), operands.Input(shifts));
        Backend.Calibrate(operands.Input(z), b, default, shape, m, t, s, calibrated);
        float[] actual = calibrated.Read();

        AcceptNaNInBlocksOfNaN(expected, actual, z, shape);

        // g products of rounded differences, and a sum of g + 2 terms.
        ErrorBound.Check(expected, actual, i => (shape.BlockSize + 4) * U * magnitude[i], $"{shape}, {bins.Length} rows");
        // In place, and in another order of visits.
        Backend.Calibrate(same, b, operands.Input([.. Enumerable.Range(0, bins.Length).Reverse()]), shape, m, t, s, same);
        Assert.Equal(actual, same.Read());
        operands.CheckInputs();
    }
}
