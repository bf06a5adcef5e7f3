using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void BatchNormalizeFixedShapes()
    {
        foreach (int rows in new[] { 0, 1, 2, 31, 257 })
        {
            foreach (int width in _edgeWidths.Append(129))
            {
                CheckBatchNormalizeFixed(SampleNumbers.Normal(rows, rows * width, 0.5, 2), width);
            }
        }
    }

    [Fact]
    public void BatchNormalizeFixedKeepsNaNAtItsElement() => CheckBatchNormalizeFixed(WithNaN(SampleNumbers.Normal(1, 40 * 9), 13, 359), 9);

    [Fact]
    public void BatchNormalizeFixedGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        const int Rows = 601, Width = 200;
        using var operands = new GuardedOperands(backend);
        var y = operands.Output<float>(Rows * Width);
        backend.BatchNormalizeFixed(
            operands.Input(SampleNumbers.Normal(1, Rows * Width)), Width, operands.Input(SampleNumbers.Normal(2, Width)), operands.Input(SampleNumbers.Normal(3, Width)), NormalizationEpsilon, operands.Input(SampleNumbers.Uniform(4, 2 * Width, 0.5, 2)), y);
        bits.Add(y.Read());
    });

    private void CheckBatchNormalizeFixed(float[] x, int width)
    {
        float[] gain = SampleNumbers.Normal(1, width), offset = SampleNumbers.Normal(2, width);
        float[] running = [.. SampleNumbers.Normal(3, width), .. SampleNumbers.Uniform(4, width, 0.5, 2)];
        double[] expected = BatchNormalizeFixedReference.Normalize(x, width, gain, offset, NormalizationEpsilon, running);
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> y = operands.Output<float>(x.Length), same = operands.Updated(x);
        var (gains, offsets, statistics) = (operands.Input(gain), operands.Input(offset), operands.Input(running));
        Backend.BatchNormalizeFixed(operands.Input(x), width, gains, offsets, NormalizationEpsilon, statistics, y);
        float[] actual = y.Read();

        // The factor rounds three times, the difference and the product once each, the sum once.
        ErrorBound.Check(
            expected, actual, i => U * (6 * Math.Abs(expected[i] - offset[i % width]) + 2 * Math.Abs(offset[i % width])), $"[{x.Length / width} x {width}]");
        Backend.BatchNormalizeFixed(same, width, gains, offsets, NormalizationEpsilon, statistics, same);
        Assert.Equal(actual, same.Read());
        operands.CheckInputs();
    }
}
