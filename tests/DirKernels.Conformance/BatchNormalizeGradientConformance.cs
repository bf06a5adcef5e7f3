using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void BatchNormalizeGradientShapes()
    {
        foreach (int rows in new[] { 1, 2, 3, 31, 64, 257 })
        {
            foreach (int width in _edgeWidths.Append(129))
            {
                CheckBatchNormalizeGradient(SampleNumbers.Normal(rows, rows * width, 0.5, 2), SampleNumbers.Normal(rows + 1, rows * width), width);
            }
        }
    }

    [Fact]
    public void BatchNormalizeGradientKeepsNaNInItsColumn() =>
        CheckBatchNormalizeGradient(SampleNumbers.Normal(1, 40 * 9), WithNaN(SampleNumbers.Normal(2, 40 * 9), 13), 9);

    [Fact]
    public void BatchNormalizeGradientIsTheSlopeOfBatchNormalize()
    {
        const int Rows = 7, Width = 3;
        double[] x = [.. SampleNumbers.Normal(1, Rows * Width, 0.5, 2)], gain = [.. SampleNumbers.Normal(2, Width)], offset = [.. SampleNumbers.Normal(3, Width)];
        float[] d = SampleNumbers.Normal(4, Rows * Width);
        double Loss() => new BatchNormalizeReference(x, Width, gain, offset, NormalizationEpsilon).Y.Zip(d, (v, c) => v * c).Sum();
        var forward = new BatchNormalizeReference(x, Width, gain, offset, NormalizationEpsilon);
        float[] batch = [.. forward.Mean.Concat(forward.InverseDeviation).Select(v => (float)v)];
        var gradient = new BatchNormalizeGradientReference([.. x.Select(v => (float)v)], Width, [.. gain.Select(v => (float)v)], batch, d);
        foreach ((double[] values, double[] slopes) in new[] { (x, gradient.DX), (gain, gradient.DGain), (offset, gradient.DOffset) })
        {
            for (int i = 0; i < values.Length; i++)
            {
                const double H = 1e-5;
                double at = values[i];
                values[i] = at + H;
                double above = Loss();
                values[i] = at - H;
                double below = Loss();
                values[i] = at;

                // h^2 times third derivatives of order 10 is 1e-9; the batch statistics carry single precision, 6e-8 of sums below 10.
                Assert.Equal((above - below) / (2 * H), slopes[i], 1e-6);
            }
        }
    }

    [Fact]
    public void BatchNormalizeGradientGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        const int Rows = 601, Width = 200;
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<float> dGain = operands.Output<float>(Width), dOffset = operands.Output<float>(Width), dX = operands.Output<float>(Rows * Width);
        backend.BatchNormalizeGradient(
            operands.Input(SampleNumbers.Normal(1, Rows * Width)), Width, operands.Input(SampleNumbers.Normal(2, Width)), operands.Input(SampleNumbers.Uniform(3, 2 * Width, 0.5, 1)), operands.Input(SampleNumbers.Normal(4, Rows * Width)), dGain, dOffset, dX);
        bits.Add(dGain.Read());
        bits.Add(dOffset.Read());
        bits.Add(dX.Read());
    });

    private void CheckBatchNormalizeGradient(float[] x, float[] dY, int width)
    {
        float[] gain = SampleNumbers.Normal(1, width);
        double[] ones = [.. Enumerable.Repeat(1.0, width)];
        var forward = new BatchNormalizeReference([.. x.Select(v => (double)v)], width, ones, new double[width], NormalizationEpsilon);
        float[] batch = [.. forward.Mean.Concat(forward.InverseDeviation).Select(v => (float)v)];
        var expected = new BatchNormalizeGradientReference(x, width, gain, batch, dY);
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> dGain = operands.Output<float>(width), dOffset = operands.Output<float>(width), dX = operands.Output<float>(x.Length);
        GuardedBuffer<float> same = operands.Updated(dY);
        var (xs, gains, statistics) = (operands.Input(x), operands.Input(gain), operands.Input(batch));
        Backend.BatchNormalizeGradient(xs, width, gains, statistics, operands.Input(dY), dGain, dOffset, dX);
        float[] actual = dX.Read();
        string what = $"[{x.Length / width} x {width}]";

        // Sums are double precision: the normalised value rounds twice, the result once. In dX it enters twice, and the
        // factor and the result round three times more.
        ErrorBound.Check(expected.DOffset, dOffset.Read(), i => U * expected.OffsetMagnitude[i], "dOffset " + what);
        ErrorBound.Check(expected.DGain, dGain.Read(), i => 3 * U * expected.GainMagnitude[i], "dGain " + what);
        ErrorBound.Check(expected.DX, actual, i => 8 * U * expected.DXMagnitude[i], "dX " + what);
        Backend.BatchNormalizeGradient(xs, width, gains, statistics, same, dGain, dOffset, same);
        Assert.Equal(actual, same.Read());
        operands.CheckInputs();
    }
}
