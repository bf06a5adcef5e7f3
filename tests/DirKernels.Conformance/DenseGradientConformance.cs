using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void DenseGradientAroundTileEdges()
    {
        int turn = 0;
        foreach (DenseShape shape in EdgeShapes)
        {
            float[] x = SampleNumbers.Normal(turn, shape.Rows * shape.Inputs), weights = SampleNumbers.Normal(turn + 1, shape.Inputs * shape.Outputs);
            CheckDenseGradient(x, weights, SampleNumbers.Normal(turn + 2, shape.Rows * shape.Outputs), shape, withDX: turn % 3 > 0);
            turn++;
        }
    }

    [Fact]
    public void DenseGradientKeepsNaNInItsRowAndColumn()
    {
        foreach (int outputs in new[] { 1, 5, 40 })
        {
            var shape = new DenseShape(15, 9, outputs);
            float[] x = SampleNumbers.Normal(1, 15 * 9), weights = SampleNumbers.Normal(2, 9 * outputs);
            CheckDenseGradient(x, weights, WithNaN(SampleNumbers.Normal(3, 15 * outputs), 4 * outputs + outputs / 2), shape, withDX: true);
            CheckDenseGradient(WithNaN(x, 31), WithNaN(weights, 3 * outputs), SampleNumbers.Normal(3, 15 * outputs), shape, withDX: true);
        }
    }

    [Fact]
    public void DenseGradientIsTheSlopeOfDense()
    {
        // dense is linear in each operand: the quotient of differences is exact for any step, here 1, up to the rounding of double precision.
        var shape = new DenseShape(4, 3, 2);
        float[] x = SampleNumbers.Normal(1, 12), weights = SampleNumbers.Normal(2, 6), bias = SampleNumbers.Normal(3, 2), d = SampleNumbers.Normal(4, 8);
        var gradient = new DenseGradientReference(x, weights, d, shape);
        double Loss(float[] a, float[] w, float[] b) => DenseReference.Product(a, w, b, shape).Value.Zip(d, (v, c) => v * c).Sum();
        CheckSlopes(gradient.DX.Value, x, v => Loss(v, weights, bias));
        CheckSlopes(gradient.DWeights.Value, weights, v => Loss(x, v, bias));
        CheckSlopes(gradient.DBias.Value, bias, v => Loss(x, weights, v));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(65)]
    [InlineData(128)]
    public void DenseGradientGivesTheSameBitsHoweverShared(int outputs) => AssertSameBits((backend, bits) =>
    {
        var shape = new DenseShape(601, 130, outputs);
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<float> dWeights = operands.Output<float>(130 * outputs), dBias = operands.Output<float>(outputs), dX = operands.Output<float>(601 * 130);
        backend.DenseGradient(
            operands.Input(SampleNumbers.Normal(1, 601 * 130)), operands.Input(SampleNumbers.Normal(2, 130 * outputs)), operands.Input(SampleNumbers.Normal(3, 601 * outputs)), shape, dWeights, dBias, dX);
        bits.Add(dWeights.Read());
        bits.Add(dBias.Read());
        bits.Add(dX.Read());
    });

    /// <summary>Asserts a gradient of a function that is linear in each operand by central differences.</summary>
    private static void CheckSlopes(double[] gradient, float[] at, Func<float[], double> function)
    {
        for (int i = 0; i < at.Length; i++)
        {
            float[] above = [.. at], below = [.. at];
            above[i] += 1;
            below[i] -= 1;

            // The step as it came out in single precision; what is left is the rounding of double precision, 2^-53 of sums below 1e3.
            double step = (double)above[i] - below[i];
            Assert.Equal(gradient[i], (function(above) - function(below)) / step, 1e-12);
        }
    }

    private void CheckDenseGradient(float[] x, float[] weights, float[] dPre, DenseShape shape, bool withDX)
    {
        var expected = new DenseGradientReference(x, weights, dPre, shape);
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> dWeights = operands.Output<float>(weights.Length), dBias = operands.Output<float>(shape.Outputs);
        GuardedBuffer<float> dX = operands.Output<float>(withDX ? x.Length : 0);
        Backend.DenseGradient(
            operands.Input(x), operands.Input(weights), operands.Input(dPre), shape, dWeights, dBias, withDX ? dX : default(DeviceView<float>));

        // A sum of m products rounds m times in any order, and a few times more where partial sums are joined.
        ErrorBound.Check(expected.DWeights.Value, dWeights.Read(), i => (shape.Rows + 4) * U * expected.DWeights.Magnitude[i], $"dW {shape}");
        ErrorBound.Check(expected.DBias.Value, dBias.Read(), i => (shape.Rows + 4) * U * expected.DBias.Magnitude[i], $"dBias {shape}");
        if (withDX)
        {
            ErrorBound.Check(expected.DX.Value, dX.Read(), i => (shape.Outputs + 4) * U * expected.DX.Magnitude[i], $"dX {shape}");
        }

        operands.CheckInputs();
    }
}
