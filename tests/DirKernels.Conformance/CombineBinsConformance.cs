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

    [Fact]
    public void CombineCovariancesSumsLowerTriangles()
    {
        foreach ((int dimensions, int blockSize) in new[] { (1, 1), (5, 5), (70, 16), (128, 128), (131, 131), (300, 129), (257, 200) })
        {
            var shape = new BinShape(7, dimensions, blockSize);
            BinTaps taps = RandomTaps(7, 5);

            // Nobody looks above the diagonals.
            float[] source = SampleNumbers.Normal(1, 7 * shape.CovarianceWidth);
            source = [.. source.Select((value, i) => IsInLowerTriangle(i, shape) ? value : float.NaN)];
            using var operands = new GuardedOperands(Backend);
            GuardedBuffer<float> destination = operands.Output<float>(source.Length);
            Backend.CombineCovariances(operands.Input(source), taps, shape, destination);
            operands.CheckInputs();
            (double[] expected, double[] magnitude) = CombineBinsReference.Combine(LowerTriangles(source, shape), taps, shape.CovarianceWidth);
            ErrorBound.Check(expected, LowerTriangles(destination.Read(), shape), i => (taps.TapCount + 1) * U * magnitude[i], $"{shape}");
        }
    }

    [Fact]
    public void CombineCovariancesGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        var shape = new BinShape(20, 200, 150);
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<float> destination = operands.Output<float>(20 * shape.CovarianceWidth);
        backend.CombineCovariances(operands.Input(SampleNumbers.Normal(1, 20 * shape.CovarianceWidth)), RandomTaps(20, 5), shape, destination);
        bits.Add(LowerTriangles(destination.Read(), shape));
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
