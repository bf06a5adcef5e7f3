using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void PredictWithEveryActivation()
    {
        foreach (Activation activation in Activations)
        {
            CheckPredict([7, 13, 6, 2], activation, 65);
            CheckPredict([5, 32, 1], activation, 7);
            CheckPredict([4, 3, 1, 2, 1], activation, 33);
        }
    }

    [Fact]
    public void PredictUpTo256Rows()
    {
        for (int rows = 0; rows <= 256; rows += rows < 100 ? 1 : 13)
        {
            CheckPredict([3, 9, 16, 1], Activation.Silu, rows);
        }
    }

    [Fact]
    public void PredictWithEveryWidth()
    {
        for (int width = 1; width <= 67; width += width < 35 ? 1 : 8)
        {
            CheckPredict([width, 68 - width, width, width % 3 + 1], Activation.Gelu, width % 2 == 0 ? 3 : 20);
        }

        // Weights that stay in the nearest cache, and such that do not.
        CheckPredict([8, 64, 64, 1], Activation.Relu, 70);
        CheckPredict([16, 128, 96, 40], Activation.Tanh, 70);
        CheckPredict([3, 300, 17, 1], Activation.Relu, 13);
        CheckPredict([6, 5, 4, 3, 4, 5, 2], Activation.Tanh, 130);
    }

    [Fact]
    public void PredictWithAHeadAlone()
    {
        foreach (int rows in new[] { 1, 6, 50 })
        {
            CheckPredict([9, 1], Activation.Relu, rows);
            CheckPredict([9, 4], Activation.Relu, rows);
        }
    }

    [Fact]
    public void PredictShowsNaNInItsRowAlone()
    {
        var problem = new NetworkProblem([3, 70, 64, 1], Activation.Relu, 0, RegressionLoss.L1, 70);
        float[] inputs = WithNaN(problem.Inputs[..(70 * 3)], 66 * 3 + 1);
        float[] prediction = RunPredict(Backend, problem, inputs, 70);
        Assert.Equal([66], Enumerable.Range(0, 70).Where(row => float.IsNaN(prediction[row])));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(200)]
    public void PredictGivesTheSameBitsHoweverShared(int width) => AssertSameBits((backend, bits) =>
    {
        foreach (int rows in new[] { 5, 40, 700 })
        {
            var problem = new NetworkProblem([8, width, 40, 1], Activation.Tanh, 0, RegressionLoss.L1, rows);
            bits.Add(RunPredict(backend, problem, problem.Inputs[..(rows * 8)], rows));
        }
    });

    private static float[] RunPredict(IBackend backend, NetworkProblem problem, float[] inputs, int rows)
    {
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<float> prediction = operands.Output<float>(rows * problem.Plan.Targets);
        backend.Predict(problem.Plan, operands.Input(inputs), operands.Input(problem.Parameters), prediction);
        operands.CheckInputs();
        return prediction.Read();
    }

    // Dropout is training's: a plan with it predicts without.
    private void CheckPredict(int[] widths, Activation activation, int rows)
    {
        var problem = new NetworkProblem(widths, activation, 0.3f, RegressionLoss.Mse, rows);
        float[] inputs = problem.Inputs[..(rows * widths[0])];
        (double[] values, double[] errors) = PredictReference.Predict(problem.Plan, inputs, problem.Parameters);
        ErrorBound.Check(values, RunPredict(Backend, problem, inputs, rows), i => U * errors[i], $"{string.Join(",", widths)} {activation}, {rows} rows");
    }
}
