using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using Xunit;

namespace DirKernels.Tests.Backends;

/// <summary>On the CPU a row is predicted to the same bits alone, among a few and among many, on any number of threads.</summary>
public sealed class RowBitsTests
{
    private const int Rows = 500;

    public static TheoryData<Activation> Activations => [.. Enum.GetValues<Activation>()];

    [Theory]
    [MemberData(nameof(Activations))]
    public void DoNotDependOnTheRowsBeside(Activation activation)
    {
        foreach (int[] widths in new int[][] { [3, 1, 3, 2, 1], [5, 17, 33, 2], [8, 64, 70, 1], [8, 200, 139, 1] })
        {
            var problem = new NetworkProblem(widths, activation, 0, RegressionLoss.L1, Rows);
            using var alone = new CpuBackend(1);
            float[] expected = Predict(alone, problem, Rows);
            foreach (int rows in new[] { 1, 2, 5, 6, 7, 16, 17, 61, 499 })
            {
                foreach (int threads in new[] { 1, 3 })
                {
                    using var backend = new CpuBackend(threads);
                    Assert.Equal(expected, Predict(backend, problem, rows));
                }
            }
        }
    }

    private static float[] Predict(CpuBackend backend, NetworkProblem problem, int rowsAtOnce)
    {
        NetworkPlan plan = problem.Plan;
        using DeviceBuffer<float> inputs = backend.Upload(problem.Inputs), parameters = backend.Upload(problem.Parameters);
        using DeviceBuffer<float> prediction = backend.Allocate<float>(Rows * plan.Targets);
        for (int row = 0; row < Rows; row += rowsAtOnce)
        {
            int rows = Math.Min(rowsAtOnce, Rows - row);
            backend.Predict(plan, inputs.Slice(row * plan.Inputs, rows * plan.Inputs), parameters, prediction.Slice(row * plan.Targets, rows * plan.Targets));
        }

        return backend.Download(prediction);
    }
}
