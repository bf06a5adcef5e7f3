using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void NetworkGradientOfEveryActivationAndLoss()
    {
        foreach (Activation activation in Activations)
        {
            foreach (float dropout in new[] { 0f, 0.3f })
            {
                CheckNetworkGradient(seed => new NetworkProblem([7, 13, 6, 2], activation, dropout, RegressionLoss.Mse, 65, seed: seed));
            }
        }

        foreach (RegressionLossKind kind in Enum.GetValues<RegressionLossKind>())
        {
            CheckNetworkGradient(seed => new NetworkProblem([5, 32, 1], Activation.Tanh, 0, new RegressionLoss(kind, HuberBeta: 0.7f), 66, weighted: false, seed: seed));
        }
    }

    [Fact]
    public void NetworkGradientOfBatchesUpTo256()
    {
        for (int rows = 1; rows <= 256; rows += rows < 70 ? 1 : 13)
        {
            CheckNetworkGradient(seed => new NetworkProblem([3, 9, 5, 1], Activation.Silu, 0, RegressionLoss.Huber(0.7f), rows, seed: seed));
        }
    }

    [Fact]
    public void NetworkGradientOfEveryWidth()
    {
        for (int width = 1; width <= 67; width += width < 35 ? 1 : 8)
        {
            CheckNetworkGradient(seed => new NetworkProblem([width, 68 - width, width, width % 3 + 1], Activation.Gelu, 0.1f, RegressionLoss.Mse, 9, seed: seed));
        }

        CheckNetworkGradient(seed => new NetworkProblem([8, 64, 64, 1], Activation.Relu, 0, RegressionLoss.L1, 70, seed: seed));
        CheckNetworkGradient(seed => new NetworkProblem([16, 128, 64, 1], Activation.Relu, 0, RegressionLoss.L1, 64, seed: seed));
        CheckNetworkGradient(seed => new NetworkProblem([6, 5, 4, 3, 4, 5, 2], Activation.Tanh, 0.2f, RegressionLoss.Mse, 130, seed: seed));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(10)]
    public void NetworkGradientThroughCalibration(int blockSize)
    {
        foreach (float dropout in new[] { 0f, 0.25f })
        {
            CheckNetworkGradient(seed => new NetworkProblem([7, 12, 10, 1], Activation.Tanh, dropout, RegressionLoss.Mse, 70, blockSize: blockSize, seed: seed));
            CheckNetworkGradient(seed => new NetworkProblem([4, 10, 3], Activation.Silu, dropout, RegressionLoss.Mse, 3, blockSize: blockSize, seed: seed));
        }
    }

    /// <summary>Blocks of every size up to two registers and beyond, whole and cut off at the end, with rows of a bin together or not.</summary>
    [Fact]
    public void NetworkGradientThroughCalibrationOfEveryWidth()
    {
        for (int width = 2; width <= 140; width += width < 70 ? 1 : 23)
        {
            foreach (int blockSize in new[] { width, width / 2 + 1, 2 + width % 17 })
            {
                CheckNetworkGradient(seed => new NetworkProblem(
                    [3, width, 1 + width % 2], Activation.Tanh, 0, RegressionLoss.Mse, 2 + width, blockSize: Math.Min(width, blockSize), isGrouped: width % 3 > 0, seed: seed));
            }
        }
    }

    [Fact]
    public void NetworkGradientReferenceIsTheSlopeOfItsLoss()
    {
        foreach (int blockSize in new[] { 0, 1, 4 })
        {
            var problem = new NetworkProblem([3, 4, 4, 2], Activation.Gelu, 0.2f, RegressionLoss.Mse, 9, blockSize: blockSize);
            double[] gradient = new NetworkGradientReference(problem).Gradient;
            for (int i = 0; i < problem.Parameters.Length; i++)
            {
                float at = problem.Parameters[i], above = at + 1e-3f, below = at - 1e-3f;
                problem.Parameters[i] = above;
                double high = new NetworkGradientReference(problem).LossSum;
                problem.Parameters[i] = below;
                double low = new NetworkGradientReference(problem).LossSum;
                problem.Parameters[i] = at;

                // h^2 / 6 times third derivatives below 30 is 5e-6 at h = 1e-3.
                Assert.Equal((high - low) / ((double)above - below) / problem.Rows.Length, gradient[i], 5e-6);
            }

            Assert.Contains(gradient, value => Math.Abs(value) > 0.1);
        }
    }

    [Fact]
    public void NetworkGradientShowsNaNOfOneRow()
    {
        var problem = new NetworkProblem([3, 8, 1], Activation.Relu, 0, RegressionLoss.L1, 70);
        problem.Inputs[problem.Rows[66] * 3 + 1] = float.NaN;
        if (!Backend.TakesNetwork(problem.Plan, problem.Rows.Length))
        {
            return;
        }

        using var operands = new GuardedOperands(Backend);
        (GuardedBuffer<float> gradient, GuardedBuffer<double> sum, _) = RunNetwork(Backend, operands, problem);
        Assert.True(double.IsNaN(sum.Read()[0]));
        Assert.Contains(gradient.Read(), float.IsNaN);
        Assert.Equal(0, gradient.Read()[^1]);
    }

    [Fact]
    public void NetworkGradientGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        foreach ((int blockSize, bool isGrouped) in new[] { (0, false), (1, false), (40, false), (40, true) })
        {
            var problem = new NetworkProblem([8, 64, 40, 1], Activation.Relu, 0.1f, RegressionLoss.L1, 512 + 37, blockSize: blockSize, isGrouped: isGrouped);
            AddNetworkBits(backend, bits, problem);
        }
    });

    private static void AddNetworkBits(IBackend backend, OutputBits bits, NetworkProblem problem)
    {
        if (!backend.TakesNetwork(problem.Plan, problem.Rows.Length))
        {
            bits.Add([1f]);
            return;
        }

        using var operands = new GuardedOperands(backend);
        (GuardedBuffer<float> gradient, GuardedBuffer<double> sum, GuardedBuffer<float> features) = RunNetwork(backend, operands, problem);
        bits.Add(gradient.Read());
        bits.Add(sum.Read());
        bits.Add(features.Read());
        bits.Add(Updated(backend, problem, OptimizerSteps.First()).Parameters);
    }

    private static (GuardedBuffer<float> Gradient, GuardedBuffer<double> Sum, GuardedBuffer<float> Features) RunNetwork(
        IBackend backend, GuardedOperands operands, NetworkProblem problem, double before = 0, bool wantsFeatures = true)
    {
        NetworkPlan plan = problem.Plan;
        GuardedBuffer<float> gradient = operands.Output<float>((int)plan.ParameterLength);
        GuardedBuffer<float> features = operands.Output<float>(wantsFeatures ? problem.Rows.Length * plan.FeatureDimensions : 1);
        GuardedBuffer<double> sum = operands.Updated([before]);
        (NetworkBatch batch, FeatureCalibration calibration) = BatchOf(backend, operands, problem);
        DeviceView<float> wanted = wantsFeatures ? features : default(DeviceView<float>);
        backend.NetworkGradient(plan, batch, calibration, default, operands.Input(problem.Parameters), wanted, gradient, sum);
        return (gradient, sum, features);
    }

    private static (NetworkBatch Batch, FeatureCalibration Calibration) BatchOf(IBackend backend, GuardedOperands operands, NetworkProblem problem)
    {
        var batch = new NetworkBatch(
            operands.Input(problem.Inputs), operands.Input(problem.Targets), problem.Weights is null ? default : operands.Input(problem.Weights), operands.Input(problem.Rows), NetworkProblem.DropoutStream);
        FeatureCalibration calibration = default;
        if (problem.Bins.Length > 0)
        {
            DeviceView<float> means = operands.Input(problem.Means), maps = operands.Input(problem.Maps), shifts = operands.Input(problem.Shifts);
            DeviceView<float> packed = default;
            if (backend.PackedCalibrationLength(problem.Shape) is > 0 and long length)
            {
                packed = operands.Output<float>((int)length);
                backend.PackCalibration(problem.Shape, means, maps, shifts, packed);
            }

            calibration = new FeatureCalibration(problem.Shape, operands.Input(problem.Bins), means, maps, shifts, packed);
        }

        return (batch, calibration);
    }

    /// <summary>Checks the first problem whose arguments and errors keep away from kinks by more than rounding moves them.</summary>
    /// <param name="create">A problem of a seed.</param>
    /// <param name="largestBatch">Rows that the backend is asked for, as many as the problem has or more; 0 for as many.</param>
    private void CheckNetworkGradient(Func<int, NetworkProblem> create, int largestBatch = 0)
    {
        const double Before = 2.5;

        NetworkProblem problem = create(1);
        NetworkPlan plan = problem.Plan;
        var expected = new NetworkGradientReference(problem);
        for (int seed = 2; expected.IsNearKink; seed++)
        {
            Assert.True(seed < 100, "no sample keeps away from the kinks");
            problem = create(seed);
            expected = new NetworkGradientReference(problem);
        }

        if (!Backend.TakesNetwork(plan, Math.Max(largestBatch, problem.Rows.Length)))
        {
            return;
        }

        string what = $"{string.Join(",", plan.Layers)} {plan.Activation}, {problem.Rows.Length} rows, dropout {plan.Dropout}, {plan.Loss.Kind}";
        foreach (bool wantsFeatures in new[] { true, false })
        {
            using var operands = new GuardedOperands(Backend);
            (GuardedBuffer<float> gradient, GuardedBuffer<double> sum, GuardedBuffer<float> features) = RunNetwork(Backend, operands, problem, Before, wantsFeatures);
            ErrorBound.Check(expected.Gradient, gradient.Read(), i => U * expected.Errors[i], what);
            ErrorBound.Check([expected.LossSum + Before], sum.Read(), _ => U * expected.LossError + 1e-12, what + " loss");
            if (wantsFeatures)
            {
                ErrorBound.Check(expected.Features, features.Read(), i => U * expected.FeatureErrors[i], what + " features");
            }

            operands.CheckInputs();
        }
    }
}
