using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    /// <summary>Steps in one operation have the bits of gradients and updates one after the other, whose values have an oracle: several batches of whole and of few blocks, the last one short.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(40, false)]
    [InlineData(40, true)]
    public void NetworkStepsAreGradientsAndUpdatesInTurn(int blockSize, bool isGrouped)
    {
        foreach ((int rows, int batchRows) in new[] { (549, 128), (549, 549), (549, 70), (300, 64), (160, 150), (9, 2), (549, 256) })
        {
            CheckNetworkSteps(new NetworkProblem([8, 64, 40, 1], Activation.Relu, 0.1f, RegressionLoss.L1, rows, blockSize: blockSize, isGrouped: isGrouped), batchRows);
        }

        CheckNetworkSteps(new NetworkProblem([3, 17, 9, 2], Activation.Gelu, 0.2f, RegressionLoss.Mse, 400, weighted: false, blockSize: Math.Min(blockSize, 9)), 130);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(160)]
    public void NetworkStepsOfWideLayers(int blockSize)
    {
        foreach ((int rows, int batchRows) in new[] { (256, 64), (200, 64), (128, 128) })
        {
            CheckNetworkSteps(new NetworkProblem([13, 200, 160, 1], Activation.Tanh, 0.1f, RegressionLoss.Mse, rows, blockSize: blockSize), batchRows);
        }

        CheckNetworkSteps(new NetworkProblem([70, 390, 200, 3], Activation.Silu, 0, RegressionLoss.Mse, 192, blockSize: Math.Min(blockSize, 20)), 64);
    }

    [Fact]
    public void NetworkStepsGiveTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        foreach (int blockSize in new[] { 0, 1, 40 })
        {
            foreach (int batchRows in new[] { 128, 64, 100, 549 })
            {
                AddSteps(new NetworkProblem([8, 64, 40, 1], Activation.Relu, 0.1f, RegressionLoss.L1, 549, blockSize: blockSize), batchRows);
            }

            AddSteps(new NetworkProblem([13, 200, 160, 1], Activation.Relu, 0.1f, RegressionLoss.L1, 320, blockSize: blockSize), 64);
        }

        void AddSteps(NetworkProblem problem, int batchRows)
        {
            if (!backend.TakesNetwork(problem.Plan, batchRows))
            {
                bits.Add([1f]);
                return;
            }

            // Twice: the second run finds what the first one kept.
            using var operands = new GuardedOperands(backend);
            StepOperands of = OperandsOf(backend, operands, problem);
            RunSteps(backend, problem, of, batchRows, number: 1);
            RunSteps(backend, problem, of, batchRows, number: 40);
            of.AddTo(bits);
        }
    });

    private void CheckNetworkSteps(NetworkProblem problem, int batchRows)
    {
        if (!Backend.TakesNetwork(problem.Plan, batchRows))
        {
            return;
        }

        using GuardedOperands operands = new(Backend), inTurn = new(Backend);
        StepOperands actual = OperandsOf(Backend, operands, problem), expected = OperandsOf(Backend, inTurn, problem);
        OutputBits actualBits = new(), expectedBits = new();
        RunSteps(Backend, problem, actual, batchRows, number: 7);
        RunStepsInTurn(problem, expected, batchRows, number: 7);
        actual.AddTo(actualBits);
        expected.AddTo(expectedBits);
        Assert.Equal(-1, expectedBits.FirstDifference(actualBits));
        Assert.All(actual.Parameters.Read(), value => Assert.True(float.IsFinite(value)));
        operands.CheckInputs();
    }

    private static OptimizerStep StepOf(long number) => new(OptimizerKind.AdamW, 1e-2f, 0.9f, 0.999f, 1e-8f, 1e-3f, number);

    private static void RunSteps(IBackend backend, NetworkProblem problem, StepOperands of, int batchRows, long number) => backend.NetworkSteps(
        problem.Plan, of.Batch, batchRows, of.Calibration, new ParameterUpdate(StepOf(number), of.First, of.Second), of.Parameters, of.Features, of.Gradient, of.LossSum);

    private void RunStepsInTurn(NetworkProblem problem, StepOperands of, int batchRows, long number)
    {
        int rows = problem.Rows.Length, d = problem.Plan.FeatureDimensions;
        for (int first = 0; first < rows; first += batchRows, number++)
        {
            int count = Math.Min(batchRows, rows - first);
            NetworkBatch batch = of.Batch with { Rows = of.Batch.Rows.Slice(first, count), DropoutStream = CounterRandom.Stream(NetworkProblem.DropoutStream, (ulong)number - 1) };
            FeatureCalibration calibration = of.Calibration.IsAbsent ? default : of.Calibration with { Bins = of.Calibration.Bins.Slice(first, count) };
            DeviceView<float> features = of.Features;
            Backend.NetworkGradient(
                problem.Plan, batch, calibration, new ParameterUpdate(StepOf(number), of.First, of.Second), of.Parameters, features.Slice((long)first * d, (long)count * d), of.Gradient, of.LossSum);
        }
    }

    private static StepOperands OperandsOf(IBackend backend, GuardedOperands operands, NetworkProblem problem)
    {
        int length = (int)problem.Plan.ParameterLength;
        (NetworkBatch batch, FeatureCalibration calibration) = BatchOf(backend, operands, problem);
        return new StepOperands(
            batch,
            calibration,
            operands.Updated(problem.Parameters),
            operands.Updated(new float[length]),
            operands.Updated(new float[length]),
            operands.Output<float>(length),
            operands.Output<float>(problem.Rows.Length * problem.Plan.FeatureDimensions),
            operands.Updated([0.5]));
    }

    private sealed record StepOperands(
        NetworkBatch Batch,
        FeatureCalibration Calibration,
        GuardedBuffer<float> Parameters,
        GuardedBuffer<float> First,
        GuardedBuffer<float> Second,
        GuardedBuffer<float> Gradient,
        GuardedBuffer<float> Features,
        GuardedBuffer<double> LossSum)
    {
        public void AddTo(OutputBits bits)
        {
            bits.Add(Parameters.Read());
            bits.Add(First.Read());
            bits.Add(Second.Read());
            bits.Add(Features.Read());
            bits.Add(LossSum.Read());
        }
    }
}
