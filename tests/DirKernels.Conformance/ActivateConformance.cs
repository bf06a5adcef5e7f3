using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    private static readonly float[] _activationEdges =
    [
        0, -0f, 1, -1, 1e-30f, -1e-30f, float.Epsilon, 5, -5, 17, -17, 88, -88, 89, -89, 104, -104, 1e4f, -1e4f, 1e30f, -1e30f, float.MaxValue, -float.MaxValue,
    ];

    [Fact]
    public void ActivateLengthsUpTo256()
    {
        foreach (Activation activation in Activations)
        {
            for (int length = 0; length <= 256; length++)
            {
                CheckActivate(activation, SampleNumbers.Normal(length, length, deviation: 3));
            }
        }
    }

    [Fact]
    public void ActivateOverTheRangeOfSinglePrecision()
    {
        foreach (Activation activation in Activations)
        {
            CheckActivate(activation, _activationEdges);
            CheckActivate(activation, SampleNumbers.Uniform(1, 20_000, -12, 12));
            CheckActivate(activation, SampleNumbers.Uniform(2, 20_000, -100, 100));
        }
    }

    [Fact]
    public void ActivateKeepsNaNWhereItIs()
    {
        foreach (Activation activation in Activations)
        {
            foreach (int length in new[] { 1, 3, 8, 37 })
            {
                CheckActivate(activation, WithNaN(SampleNumbers.Normal(1, length), length / 2));
            }
        }
    }

    [Fact]
    public void ActivateGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        foreach (Activation activation in Activations)
        {
            using var operands = new GuardedOperands(backend);
            GuardedBuffer<float> y = operands.Output<float>(100_003);
            backend.Activate(activation, operands.Input(SampleNumbers.Normal(1, 100_003, deviation: 3)), y);
            bits.Add(y.Read());
        }
    });

    private void CheckActivate(Activation activation, float[] x)
    {
        double[] expected = [.. x.Select(v => ActivateReference.Value(activation, v))];
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> y = operands.Output<float>(x.Length), same = operands.Updated(x);
        Backend.Activate(activation, operands.Input(x), y);
        float[] actual = y.Read();
        ErrorBound.Check(expected, actual, i => ActivateReference.Bound(activation, x[i], expected[i]), $"{activation} of {x.Length}");
        Backend.Activate(activation, same, same);
        Assert.Equal(actual, same.Read());
        operands.CheckInputs();
    }
}
