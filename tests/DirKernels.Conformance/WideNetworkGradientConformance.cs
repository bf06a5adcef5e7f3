using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

/// <content>Networks of more parameters than a block of rows has room for beside its activations, and the optimiser's step behind the gradient.</content>
public abstract partial class BackendConformance
{
    [Fact]
    public void NetworkGradientOfWideNetworks()
    {
        foreach (Activation activation in Activations)
        {
            CheckNetworkGradient(seed => new NetworkProblem([37, 160, 131, 2], activation, 0, RegressionLoss.Mse, 62, seed: seed));
        }

        CheckNetworkGradient(seed => new NetworkProblem([9, 200, 150, 1], Activation.Silu, 0.3f, RegressionLoss.Huber(0.7f), 128, seed: seed));
        CheckNetworkGradient(seed => new NetworkProblem([530, 48, 3], Activation.Tanh, 0.2f, RegressionLoss.Mse, 32, weighted: false, seed: seed));
        CheckNetworkGradient(seed => new NetworkProblem([64, 390, 1], Activation.Silu, 0, RegressionLoss.Mse, 128, seed: seed));
        CheckNetworkGradient(seed => new NetworkProblem([65, 390, 2], Activation.Silu, 0, RegressionLoss.Mse, 128, seed: seed));
        CheckNetworkGradient(seed => new NetworkProblem([1, 16, 530, 16, 1], Activation.Gelu, 0, RegressionLoss.Mse, 64, seed: seed));
    }

    /// <summary>The last batch of an epoch is of any size below that which the backend was asked for.</summary>
    [Fact]
    public void NetworkGradientOfWideNetworksOfBatchesUpTo256()
    {
        for (int rows = 1; rows <= 256; rows += rows < 70 ? 1 : rows % 64 < 62 ? 7 : 1)
        {
            CheckNetworkGradient(seed => new NetworkProblem([3, 520, 17, 1], Activation.Tanh, 0, RegressionLoss.Mse, rows, seed: seed), largestBatch: 256);
        }

        foreach (int rows in new[] { 1, 5, 33, 100 })
        {
            CheckNetworkGradient(seed => new NetworkProblem([70, 150, 100, 2], Activation.Silu, 0.2f, RegressionLoss.Mse, rows, blockSize: 1, seed: seed), largestBatch: 128);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(140)]
    public void NetworkGradientOfWideNetworksThroughCalibration(int blockSize)
    {
        CheckNetworkGradient(seed => new NetworkProblem([7, 180, 140, 1], Activation.Tanh, 0, RegressionLoss.Mse, 64, blockSize: blockSize, seed: seed));
        CheckNetworkGradient(seed => new NetworkProblem([7, 180, 140, 2], Activation.Silu, 0.25f, RegressionLoss.Mse, 96, blockSize: blockSize, seed: seed));
        CheckNetworkGradient(seed => new NetworkProblem([190, 140, 1], Activation.Silu, 0.25f, RegressionLoss.Mse, 64, blockSize: blockSize, seed: seed));
        CheckNetworkGradient(seed => new NetworkProblem([60, 420, 1], Activation.Tanh, 0, RegressionLoss.Mse, 64, blockSize: blockSize, seed: seed));
    }

    [Fact]
    public void NetworkGradientOfWideNetworksGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        foreach (int blockSize in new[] { 0, 1, 40 })
        {
            foreach ((int inputs, int rows) in new[] { (21, 64), (210, 250), (21, 250) })
            {
                AddNetworkBits(backend, bits, new NetworkProblem([inputs, 250, 140, 2], Activation.Relu, 0.1f, RegressionLoss.L1, rows, blockSize: blockSize));
            }
        }
    });

    [Fact]
    public void NetworkGradientShowsNaNOfOneRowOfAWideNetwork()
    {
        var problem = new NetworkProblem([3, 180, 140, 1], Activation.Relu, 0, RegressionLoss.L1, 63);
        problem.Inputs[problem.Rows[40] * 3 + 1] = float.NaN;
        if (!Backend.TakesNetwork(problem.Plan, problem.Rows.Length))
        {
            return;
        }

        using var operands = new GuardedOperands(Backend);
        (GuardedBuffer<float> gradient, GuardedBuffer<double> sum, GuardedBuffer<float> features) = RunNetwork(Backend, operands, problem);
        Assert.True(double.IsNaN(sum.Read()[0]));
        Assert.Contains(gradient.Read(), float.IsNaN);

        // Samples of other rows lie beside it in registers and stay as they are.
        bool[] isOfRow = [.. features.Read().Select((_, i) => problem.Rows[i / 140] == problem.Rows[40])];
        Assert.Equal(isOfRow, features.Read().Select(float.IsNaN));
    }

    [Fact]
    public void NetworkGradientThenUpdatesAsTheOptimizerAlone()
    {
        NetworkProblem[] problems =
        [
            new([7, 13, 6, 2], Activation.Silu, 0.3f, RegressionLoss.Mse, 65),
            new([7, 13, 6, 1], Activation.Silu, 0, RegressionLoss.Mse, 20),
            new([7, 13, 10, 1], Activation.Silu, 0, RegressionLoss.Mse, 130, blockSize: 10),
            new([20, 190, 131, 1], Activation.Tanh, 0.2f, RegressionLoss.Mse, 64),
            new([20, 190, 131, 2], Activation.Tanh, 0, RegressionLoss.Mse, 128, blockSize: 1),
            new([20, 190, 130, 1], Activation.Tanh, 0, RegressionLoss.Mse, 96, blockSize: 26),
            new([60, 420, 1], Activation.Tanh, 0, RegressionLoss.Mse, 128, blockSize: 1),
            new([120, 220, 1], Activation.Tanh, 0, RegressionLoss.Mse, 128),
        ];
        foreach (NetworkProblem problem in problems.Where(problem => Backend.TakesNetwork(problem.Plan, problem.Rows.Length)))
        {
            foreach (OptimizerStep step in OptimizerSteps)
            {
                using var operands = new GuardedOperands(Backend);
                (GuardedBuffer<float> gradient, GuardedBuffer<double> sum, _) = RunNetwork(Backend, operands, problem);
                (float[] m, float[] v) = Moments(problem);
                GuardedBuffer<float> parameters = operands.Updated(problem.Parameters), first = operands.Updated(m), second = operands.Updated(v);
                Backend.UpdateParameters(step with { Number = 3 }, parameters, gradient, first, second);
                (float[] Parameters, float[] First, float[] Second, double Loss) together = Updated(Backend, problem, step with { Number = 3 });
                Assert.Equal(parameters.Read(), together.Parameters);
                Assert.Equal(first.Read(), together.First);
                Assert.Equal(second.Read(), together.Second);
                Assert.Equal(sum.Read()[0], together.Loss);
            }
        }
    }

    private static (float[] First, float[] Second) Moments(NetworkProblem problem)
    {
        // Nothing lies between the arrays of parameters, and so it stays.
        float[] m = SampleNumbers.Normal(11, problem.Parameters.Length, deviation: 0.1), v = SampleNumbers.Uniform(12, problem.Parameters.Length, 0.01, 1);
        var isParameter = new bool[m.Length];
        foreach (DenseLayer layer in problem.Plan.Layers)
        {
            isParameter.AsSpan((int)layer.WeightsAt, layer.Inputs * layer.Outputs).Fill(true);
            isParameter.AsSpan((int)layer.BiasAt, layer.Outputs).Fill(true);
        }

        return ([.. m.Zip(isParameter, (value, used) => used ? value : 0)], [.. v.Zip(isParameter, (value, used) => used ? value : 0)]);
    }

    private static (float[] Parameters, float[] First, float[] Second, double Loss) Updated(IBackend backend, NetworkProblem problem, OptimizerStep step)
    {
        using var operands = new GuardedOperands(backend);
        (float[] m, float[] v) = Moments(problem);
        GuardedBuffer<float> parameters = operands.Updated(problem.Parameters), first = operands.Updated(m), second = operands.Updated(v);
        GuardedBuffer<float> gradient = operands.Output<float>(problem.Parameters.Length);
        GuardedBuffer<double> sum = operands.Updated([0d]);
        (NetworkBatch batch, FeatureCalibration calibration) = BatchOf(backend, operands, problem);
        backend.NetworkGradient(problem.Plan, batch, calibration, new ParameterUpdate(step, first, second), parameters, default, gradient, sum);
        return (parameters.Read(), first.Read(), second.Read(), sum.Read()[0]);
    }
}
