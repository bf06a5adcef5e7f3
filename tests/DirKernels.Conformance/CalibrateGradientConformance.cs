using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void CalibrateGradientOfEveryKind()
    {
        foreach ((int dimensions, int blockSize) in _blocks.Append((256, 1)).Append((65, 65)))
        {
            foreach (int rows in new[] { 0, 1, 2, 3, 33, 100 })
            {
                var shape = new BinShape(5, dimensions, blockSize);
                CheckCalibrateGradient(shape, SampleNumbers.Normal(1, rows * dimensions), SampleNumbers.Bins(2, rows, 5));
            }
        }
    }

    [Fact]
    public void CalibrateGradientKeepsNaNInItsRowAndBlock()
    {
        CheckCalibrateGradient(new BinShape(5, 10, 4), WithNaN(SampleNumbers.Normal(1, 60), 25, 39), [0, 1, 2, 3, 4, 0]);
        CheckCalibrateGradient(new BinShape(5, 10, 1), WithNaN(SampleNumbers.Normal(1, 60), 25), [0, 1, 2, 3, 4, 0]);
    }

    [Theory]
    [InlineData(6, 1)]
    [InlineData(7, 3)]
    [InlineData(6, 6)]
    public void CalibrateGradientIsTheSlopeOfCalibrate(int dimensions, int blockSize)
    {
        var shape = new BinShape(3, dimensions, blockSize);
        int[] bins = [2, 0, 1, 2];
        float[] z = SampleNumbers.Normal(1, 4 * dimensions), d = SampleNumbers.Normal(2, 4 * dimensions), maps = LowerMaps(shape);
        float[] means = SampleNumbers.Normal(3, 3 * dimensions), shifts = SampleNumbers.Normal(4, 3 * dimensions);
        CheckSlopes(
            CalibrateGradientReference.Gradient(d, bins, shape, maps).Value,
            z,
            v => CalibrateReference.Calibrate(v, bins, shape, means, maps, shifts).Value.Zip(d, (y, c) => y * c).Sum());
    }

    private void CheckCalibrateGradient(BinShape shape, float[] dCalibrated, int[] bins)
    {
        float[] maps = LowerMaps(shape);
        (double[] expected, double[] magnitude) = CalibrateGradientReference.Gradient(dCalibrated, bins, shape, maps);
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> gradient = operands.Output<float>(dCalibrated.Length), same = operands.Updated(dCalibrated);
        var (b, t) = (operands.Input(bins), operands.Input(maps));
        Backend.CalibrateGradient(operands.Input(dCalibrated), b, default, shape, t, gradient);
        float[] actual = gradient.Read();

        AcceptNaNInBlocksOfNaN(expected, actual, dCalibrated, shape);

        // g products, and a sum of g + 1 terms.
        ErrorBound.Check(expected, actual, i => (shape.BlockSize + 3) * U * magnitude[i], $"{shape}, {bins.Length} rows");
        // In place, and in another order of visits.
        Backend.CalibrateGradient(same, b, operands.Input([.. Enumerable.Range(0, bins.Length).Reverse()]), shape, t, same);
        Assert.Equal(actual, same.Read());
        operands.CheckInputs();
    }
}
