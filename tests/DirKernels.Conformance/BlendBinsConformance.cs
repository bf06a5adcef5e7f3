using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void BlendBinsMovesEachBinByItsOwnWeights()
    {
        double[] keep = [1, 0, 0.9, 0.5, 0, 1], take = [0, 1, 0.1, 0.5 / 17, 1.0 / 3, 0];
        for (int width = 1; width <= 70; width++)
        {
            double[] epoch = [.. SampleNumbers.Normal(1, 6 * width, 10, 3).Select(v => (double)v)];
            float[] running = SampleNumbers.Normal(2, 6 * width, -5, 3);
            float[] actual = Blend(epoch, keep, take, width, running);
            double[] expected = BlendBinsReference.Blend(epoch, keep, take, width, running);

            // Both products and the sum in single precision, three roundings, would still pass.
            ErrorBound.Check(
                expected, actual, i => U * (3 * Math.Abs(keep[i / width] * running[i]) + 3 * Math.Abs(take[i / width] * epoch[i])), $"width {width}");
            Assert.Equal(running[..width], actual[..width]);
            Assert.Equal(running[^width..], actual[^width..]);
        }
    }

    [Fact]
    public void BlendBinsLeavesUntouchedBinsAndForgetsOverwrittenOnes()
    {
        float[] running = [float.NaN, float.PositiveInfinity, float.NaN, float.NegativeInfinity];
        float[] actual = Blend([double.NaN, 1, 2, 3], [1, 0], [0, 1], 2, running);
        Assert.Equal([float.NaN, float.PositiveInfinity, 2, 3], actual);
    }

    [Fact]
    public void BlendBinsGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        const int Bins = 200, Width = 301;
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<float> running = operands.Updated(SampleNumbers.Normal(1, Bins * Width));
        double[] keep = [.. Enumerable.Repeat(0.9, Bins)], take = [.. Enumerable.Repeat(0.1 / 7, Bins)];
        backend.BlendBins(operands.Input<double>([.. SampleNumbers.Normal(2, Bins * Width)]), keep, take, Width, running);
        bits.Add(running.Read());
    });

    private float[] Blend(double[] epoch, double[] keep, double[] take, int width, float[] running)
    {
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> updated = operands.Updated(running);
        Backend.BlendBins(operands.Input(epoch), keep, take, width, updated);
        operands.CheckInputs();
        return updated.Read();
    }
}
