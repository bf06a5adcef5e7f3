using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void DropoutLengthsUpTo256()
    {
        for (int length = 0; length <= 256; length++)
        {
            CheckDropout(SampleNumbers.Normal(length, length), 0.3f, 0x1234_5678_9ABC_DEF0 + (ulong)length);
        }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    [InlineData(0.9f)]
    public void DropoutDropsItsShare(float rate)
    {
        const int Count = 100_000;
        float[] y = Drop([.. Enumerable.Repeat(1f, Count)], rate, stream: 77);

        // Five standard deviations of a binomial share; the stream is fixed, so the outcome is, too.
        Assert.Equal(rate, y.Count(v => v == 0) / (double)Count, 5 * Math.Sqrt(rate * (1 - rate) / Count) + 1e-12);
        CheckDropout(SampleNumbers.Normal(1, Count), rate, 77);
    }

    [Fact]
    public void DropoutOfAGradientHasTheSameMask()
    {
        float[] y = Drop([.. Enumerable.Repeat(1f, 1000)], 0.4f, stream: 5), gradient = Drop([.. Enumerable.Repeat(-2f, 1000)], 0.4f, stream: 5);
        Assert.Equal(y.Select(v => v == 0), gradient.Select(v => v == 0));
        Assert.NotEqual(y.Select(v => v == 0), Drop([.. Enumerable.Repeat(1f, 1000)], 0.4f, stream: 6).Select(v => v == 0));
    }

    [Fact]
    public void DropoutKeepsAnElementWhoseNumberIsTheRate()
    {
        float rate = (float)DropoutReference.Uniform(18, stream: 5)[17];
        Assert.InRange(rate, 0.01f, 0.99f);
        Assert.NotEqual(0, Drop([.. Enumerable.Repeat(1f, 18)], rate, stream: 5)[17]);
        Assert.Equal(0, Drop([.. Enumerable.Repeat(1f, 18)], MathF.BitIncrement(rate), stream: 5)[17]);
    }

    [Fact]
    public void DropoutKeepsNaNWhereItIsKept()
    {
        float[] x = WithNaN(SampleNumbers.Normal(1, 64), [.. Enumerable.Range(0, 32)]);
        CheckDropout(x, 0.5f, 9);
        Assert.Contains(Drop(x, 0.5f, 9)[..32], v => v == 0);
        Assert.Contains(Drop(x, 0.5f, 9)[..32], float.IsNaN);
    }

    [Fact]
    public void DropoutGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<float> y = operands.Output<float>(100_003);
        backend.Dropout(operands.Input(SampleNumbers.Normal(1, 100_003)), 0.25f, 3, y);
        bits.Add(y.Read());
    });

    private float[] Drop(float[] x, float rate, ulong stream)
    {
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> y = operands.Output<float>(x.Length);
        Backend.Dropout(operands.Input(x), rate, stream, y);
        operands.CheckInputs();
        return y.Read();
    }

    private void CheckDropout(float[] x, float rate, ulong stream)
    {
        bool[] kept = DropoutReference.Kept(x.Length, rate, stream);
        double[] expected = [.. x.Zip(kept, (v, k) => k ? v / (1.0 - rate) : 0)];
        float[] actual = Drop(x, rate, stream);

        // 1 - rate, its reciprocal and the product: three roundings.
        ErrorBound.Check(expected, actual, i => 3 * U * Math.Abs(expected[i]), $"dropout {rate} of {x.Length}");
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> same = operands.Updated(x);
        Backend.Dropout(same, rate, stream, same);
        Assert.Equal(actual, same.Read());
    }
}
