using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    private const float NormalizationEpsilon = 1e-5f;

    [Fact]
    public void BatchNormalizeShapes()
    {
        foreach (int rows in new[] { 1, 2, 3, 31, 64, 257 })
        {
            foreach (int width in _edgeWidths.Append(129))
            {
                CheckBatchNormalize(SampleNumbers.Normal(rows, rows * width, 0.5, 2), width);
            }
        }
    }

    [Fact]
    public void BatchNormalizeSurvivesLargeMeans() => CheckBatchNormalize(SampleNumbers.Normal(1, 500 * 7, mean: 1e4), 7);

    [Fact]
    public void BatchNormalizeOfConstantColumnsIsTheOffset()
    {
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> y = operands.Output<float>(6), batch = operands.Output<float>(4), running = operands.Updated([0f, 0, 1, 1]);
        Backend.BatchNormalize(operands.Input([3f, -8, 3, -8, 3, -8]), 2, operands.Input([2f, 2]), operands.Input([0.5f, -1]), 0.1f, NormalizationEpsilon, running, batch, y);
        Assert.Equal([0.5f, -1, 0.5f, -1, 0.5f, -1], y.Read());
    }

    [Fact]
    public void BatchNormalizeKeepsNaNInItsColumn() => CheckBatchNormalize(WithNaN(SampleNumbers.Normal(1, 40 * 9), 13), 9);

    [Fact]
    public void BatchNormalizeGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        const int Rows = 601, Width = 200;
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<float> y = operands.Output<float>(Rows * Width), batch = operands.Output<float>(2 * Width), running = operands.Updated(new float[2 * Width]);
        backend.BatchNormalize(
            operands.Input(SampleNumbers.Normal(1, Rows * Width)), Width, operands.Input(SampleNumbers.Normal(2, Width)), operands.Input(SampleNumbers.Normal(3, Width)), 0.1f, NormalizationEpsilon, running, batch, y);
        bits.Add(y.Read());
        bits.Add(batch.Read());
        bits.Add(running.Read());
    });

    private void CheckBatchNormalize(float[] x, int width)
    {
        const float Momentum = 0.1f;
        int rows = x.Length / width;
        float[] gain = SampleNumbers.Normal(1, width), offset = SampleNumbers.Normal(2, width);
        float[] running = [.. SampleNumbers.Normal(3, width), .. SampleNumbers.Uniform(4, width, 0.5, 2)];
        var expected = new BatchNormalizeReference([.. x.Select(v => (double)v)], width, [.. gain.Select(v => (double)v)], [.. offset.Select(v => (double)v)], NormalizationEpsilon);
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> y = operands.Output<float>(x.Length), batch = operands.Output<float>(2 * width), updated = operands.Updated(running);
        Backend.BatchNormalize(operands.Input(x), width, operands.Input(gain), operands.Input(offset), Momentum, NormalizationEpsilon, updated, batch, y);

        string what = $"[{rows} x {width}]";
        double[] m = expected.Mean, inverse = expected.InverseDeviation;

        // The mean is rounded to single precision once (u |m|), the difference, the factor (3 roundings) and their product, and the sum with the offset.
        ErrorBound.Check(
            expected.Y,
            y.Read(),
            i => U * (Math.Abs(gain[i % width]) * inverse[i % width] * (6 * Math.Abs(x[i] - m[i % width]) + 2 * Math.Abs(m[i % width])) + 2 * Math.Abs(offset[i % width])),
            what);
        ErrorBound.Check([.. m, .. inverse], batch.Read(), i => 2 * U * Math.Abs(i < width ? m[i] : inverse[i - width]), what + " batch");

        // One row has no variance: the running statistics stay. Otherwise three roundings of the two terms.
        double[] target = rows > 1 ? [.. m, .. expected.Variance.Select(v => v * rows / (rows - 1))] : [.. running.Select(v => (double)v)];
        double[] moved = [.. running.Zip(target, (old, t) => old + (double)Momentum * (t - old))];
        ErrorBound.Check(moved, updated.Read(), i => 4 * U * (Math.Abs(running[i]) + Math.Abs(target[i])), what + " running");
        operands.CheckInputs();
    }
}
