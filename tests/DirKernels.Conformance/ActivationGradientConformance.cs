using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void ActivationGradientLengthsUpTo256()
    {
        foreach (Activation activation in Activations)
        {
            for (int length = 0; length <= 256; length++)
            {
                CheckActivationGradient(activation, SampleNumbers.Normal(length, length, deviation: 3), SampleNumbers.Normal(length + 1, length));
            }
        }
    }

    [Fact]
    public void ActivationGradientOverTheRangeOfSinglePrecision()
    {
        foreach (Activation activation in Activations)
        {
            float[] x = [.. _activationEdges.Where(v => Math.Abs(v) < 1e10), .. SampleNumbers.Uniform(1, 20_000, -12, 12), .. SampleNumbers.Uniform(2, 20_000, -100, 100)];
            CheckActivationGradient(activation, x, SampleNumbers.Normal(3, x.Length));
        }
    }

    [Fact]
    public void ActivationGradientKeepsNaNWhereItIs()
    {
        foreach (Activation activation in Activations)
        {
            CheckActivationGradient(activation, SampleNumbers.Uniform(1, 37, 0.5, 2), WithNaN(SampleNumbers.Normal(2, 37), 0, 18, 36));
        }
    }

    [Fact]
    public void ActivationGradientIsTheSlopeOfTheActivation()
    {
        foreach (Activation activation in Activations)
        {
            for (double x = -6.05; x < 6; x += 0.1)
            {
                // Central differences: h^2 / 6 times a third derivative below 2 is 4e-9 at h = 1e-4; values near 6 round to 1e-15 / h = 1e-11.
                const double H = 1e-4;
                double slope = (ActivateReference.Value(activation, x + H) - ActivateReference.Value(activation, x - H)) / (2 * H);
                Assert.Equal(slope, ActivationGradientReference.Slope(activation, x), 1e-8);
            }
        }
    }

    [Fact]
    public void ActivationGradientGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        foreach (Activation activation in Activations)
        {
            using var operands = new GuardedOperands(backend);
            float[] x = SampleNumbers.Normal(1, 100_003), y = [.. x.Select(v => (float)ActivateReference.Value(activation, v))];
            GuardedBuffer<float> dPre = operands.Output<float>(x.Length);
            backend.ActivationGradient(activation, operands.Input(x), operands.Input(y), operands.Input(SampleNumbers.Normal(2, x.Length)), dPre);
            bits.Add(dPre.Read());
        }
    });

    private void CheckActivationGradient(Activation activation, float[] x, float[] dY)
    {
        float[] y = [.. x.Select(v => (float)ActivateReference.Value(activation, v))];
        double[] expected = [.. x.Zip(dY, (v, d) => d * ActivationGradientReference.Slope(activation, v))];
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> dPre = operands.Output<float>(x.Length), same = operands.Updated(dY);
        bool needsArgument = activation is Activation.Gelu or Activation.Silu;
        DeviceView<float> pre = needsArgument ? operands.Input(x) : default, value = operands.Input(y);
        Backend.ActivationGradient(activation, pre, value, operands.Input(dY), dPre);
        float[] actual = dPre.Read();
        ErrorBound.Check(expected, actual, i => SlopeBound(activation, x[i]) * Math.Abs(dY[i]), $"{activation} slope of {x.Length}");
        Backend.ActivationGradient(activation, pre, value, same, same);
        Assert.Equal(actual, same.Read());
        operands.CheckInputs();
    }

    private static double SlopeBound(Activation activation, double x) => activation switch
    {
        Activation.Identity or Activation.Relu => 0,

        // y is rounded (2u after squaring, |y| <= 1), squared, subtracted from 1 and multiplied: u each.
        Activation.Tanh => 5 * U,

        // Four roundings in the sigmoid, one in its difference from 1 that |x| scales, three in products.
        Activation.Silu => 8 * U * (1 + Math.Abs(x)),

        // The distribution function of the documented gelu, and three roundings of a density term below 0.25.
        _ => 4e-7,
    };
}
