using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void CombineBinsSumsItsTaps()
    {
        foreach (int tapCount in new[] { 1, 2, 5, 9 })
        {
            for (int width = 1; width <= 66; width++)
            {
                CheckCombine(SampleNumbers.Normal(1, 11 * width), RandomTaps(11, tapCount), width);
            }

            CheckCombine(SampleNumbers.Normal(1, 11 * 4099), RandomTaps(11, tapCount), 4099);
        }
    }

    [Fact]
    public void CombineBinsDoesNotReadTapsOfWeightZero()
    {
        BinTaps taps = RandomTaps(11, 5);
        float[] source = SampleNumbers.Normal(1, 11 * 9);
        for (int k = 0; k < taps.Weights.Length; k++)
        {
            if (taps.Indices[k] == 4)
            {
                taps.Weights[k] = 0;
            }
        }

        CheckCombine(WithNaN(source, [.. Enumerable.Range(4 * 9, 9)]), taps, 9);
        CheckCombine(WithNaN(source, 5 * 9 + 2), taps, 9);
    }

    [Fact]
    public void CombineBinsOfOneTapOfWeightOneIsACopy()
    {
        var taps = new BinTaps(3, 3);
        for (int b = 0; b < 3; b++)
        {
            (taps.Indices[b * 3 + 1], taps.Weights[b * 3 + 1]) = (2 - b, 1);
        }

        float[] source = SampleNumbers.Normal(1, 12);
        Assert.Equal([.. source[8..], .. source[4..8], .. source[..4]], Combine(source, taps, 4));
    }

    [Fact]
    public void CombineBinsGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<float> destination = operands.Output<float>(100 * 2051);
        backend.CombineBins(operands.Input(SampleNumbers.Normal(1, 100 * 2051)), RandomTaps(100, 5), 2051, destination);
        bits.Add(destination.Read());
    });

    private static BinTaps RandomTaps(int binCount, int tapCount)
    {
        var taps = new BinTaps(binCount, tapCount);
        SampleNumbers.Bins(1, binCount * tapCount, binCount).CopyTo(taps.Indices, 0);
        SampleNumbers.Uniform(2, binCount * tapCount, 0, 1).CopyTo(taps.Weights, 0);
        return taps;
    }

    private float[] Combine(float[] source, BinTaps taps, int width)
    {
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> destination = operands.Output<float>(taps.BinCount * width);
        Backend.CombineBins(operands.Input(source), taps, width, destination);
        operands.CheckInputs();
        return destination.Read();
    }

    private void CheckCombine(float[] source, BinTaps taps, int width)
    {
        (double[] expected, double[] magnitude) = CombineBinsReference.Combine(source, taps, width);

        // A sum of K products rounds K times, and its products once.
        ErrorBound.Check(expected, Combine(source, taps, width), i => (taps.TapCount + 1) * U * magnitude[i], $"{taps.TapCount} taps, width {width}");
    }
}
