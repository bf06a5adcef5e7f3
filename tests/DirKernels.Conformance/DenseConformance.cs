using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    private static readonly int[] _edgeWidths = [1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65];

    private static IEnumerable<DenseShape> EdgeShapes =>
        from rows in Enumerable.Range(0, 14).Concat([255, 256, 257])
        from inputs in _edgeWidths
        from outputs in _edgeWidths
        select new DenseShape(rows, inputs, outputs);

    [Fact]
    public void DenseMultipliesAroundTileEdges()
    {
        int turn = 0;
        foreach (DenseShape shape in EdgeShapes)
        {
            float[] x = SampleNumbers.Normal(turn, shape.Rows * shape.Inputs);
            float[] weights = SampleNumbers.Normal(turn + 1, shape.Inputs * shape.Outputs), bias = SampleNumbers.Normal(turn + 2, shape.Outputs);
            (double[] value, double[] magnitude) = DenseReference.Product(x, weights, bias, shape);
            CheckDense(x, weights, bias, shape, Activations[turn % Activations.Length], turn / 5 % 2 == 0, value, magnitude);
            turn++;
        }
    }

    [Fact]
    public void DenseMultipliesWideLayers()
    {
        IEnumerable<DenseShape> shapes = from rows in new[] { 1, 2, 5, 6, 8, 9, 16, 17, 64 }
                                         from inputs in new[] { 33, 128, 135 }
                                         from outputs in new[] { 127, 128, 129, 255, 256, 257, 300, 513 }
                                         select new DenseShape(rows, inputs, outputs);

        // Weights that no second-level cache holds.
        foreach (DenseShape shape in shapes.Append(new DenseShape(1, 520, 513)))
        {
            float[] x = SampleNumbers.Normal(1, shape.Rows * shape.Inputs);
            float[] weights = SampleNumbers.Normal(2, shape.Inputs * shape.Outputs), bias = SampleNumbers.Normal(3, shape.Outputs);
            (double[] value, double[] magnitude) = DenseReference.Product(x, weights, bias, shape);
            CheckDense(x, weights, bias, shape, Activation.Tanh, shape.Outputs % 2 == 0, value, magnitude);
        }
    }

    [Fact]
    public void DenseAppliesEveryActivation()
    {
        foreach (DenseShape shape in from rows in new[] { 1, 6, 7, 70 }
                                     from outputs in new[] { 1, 2, 17, 33 }
                                     select new DenseShape(rows, 19, outputs))
        {
            float[] x = SampleNumbers.Normal(1, shape.Rows * shape.Inputs);
            float[] weights = SampleNumbers.Normal(2, shape.Inputs * shape.Outputs), bias = SampleNumbers.Normal(3, shape.Outputs);
            (double[] value, double[] magnitude) = DenseReference.Product(x, weights, bias, shape);
            foreach (Activation activation in Activations)
            {
                CheckDense(x, weights, bias, shape, activation, true, value, magnitude);
                CheckDense(x, weights, bias, shape, activation, false, value, magnitude);
            }
        }
    }

    [Fact]
    public void DenseKeepsWhatIsNotFiniteInItsRowAndColumn()
    {
        foreach (int outputs in new[] { 1, 5, 40 })
        {
            var shape = new DenseShape(15, 9, outputs);
            float[] x = SampleNumbers.Normal(1, 15 * 9), weights = SampleNumbers.Normal(2, 9 * outputs), bias = SampleNumbers.Normal(3, outputs);
            x[3 * 9 + 2] = float.NaN;
            x[14 * 9] = float.PositiveInfinity;
            weights[4 * outputs + outputs / 2] = float.NaN;
            (double[] value, double[] magnitude) = DenseReference.Product(x, weights, bias, shape);
            Assert.Equal(outputs == 1 ? 15 : outputs + 14, value.Count(double.IsNaN));
            CheckDense(x, weights, bias, shape, Activation.Identity, false, value, magnitude);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(65)]
    [InlineData(128)]
    public void DenseGivesTheSameBitsHoweverShared(int outputs) => AssertSameBits((backend, bits) =>
    {
        var shape = new DenseShape(601, 130, outputs);
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<float> pre = operands.Output<float>(601 * outputs), y = operands.Output<float>(601 * outputs);
        backend.Dense(
            operands.Input(SampleNumbers.Normal(1, 601 * 130)), operands.Input(SampleNumbers.Normal(2, 130 * outputs)), operands.Input(SampleNumbers.Normal(3, outputs)), shape, Activation.Gelu, pre, y);
        bits.Add(pre.Read());
        bits.Add(y.Read());
    });

    private void CheckDense(
        float[] x, float[] weights, float[] bias, DenseShape shape, Activation activation, bool keepPre, double[] expected, double[] magnitude)
    {
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> pre = operands.Output<float>(keepPre ? expected.Length : 0), y = operands.Output<float>(expected.Length);
        Backend.Dense(
            operands.Input(x), operands.Input(weights), operands.Input(bias), shape, activation, keepPre ? pre : default(DeviceView<float>), y);

        // The documented bound, the bias counted among the terms.
        double roundings = (shape.Inputs + 4) * U;
        string what = $"{shape} {activation}";
        if (keepPre)
        {
            ErrorBound.Check(expected, pre.Read(), i => roundings * magnitude[i], what + " before its activation");
        }

        double slope = ActivateReference.Slope(activation);
        double[] activated = [.. expected.Select(v => ActivateReference.Value(activation, v))];
        ErrorBound.Check(
            activated, y.Read(), i => slope * roundings * magnitude[i] + ActivateReference.Bound(activation, expected[i], activated[i]), what);
        operands.CheckInputs();
    }
}
