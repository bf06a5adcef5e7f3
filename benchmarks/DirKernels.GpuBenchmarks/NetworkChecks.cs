using DirKernels.Backends;
using DirKernels.Conformance;
using DirKernels.Gpu;

namespace DirKernels.GpuBenchmarks;

/// <summary>A whole network forwards and backwards in one operation, against the oracle; and twice, for the same bits.</summary>
internal static class NetworkChecks
{
    public static IEnumerable<OperationCheck> Run(GpuBackend gpu, BenchmarkSizes sizes)
    {
        bool full = sizes.Name == "full";
        int rows = full ? 1000 : 19;
        int[][] networks = full ? [[8, 64, 64, 1], [13, 256, 256, 256, 1], [16, 128, 64, 2]] : [[8, 12, 10, 1]];
        foreach (int[] widths in networks)
        {
            foreach (int blockSize in new[] { 0, 1, widths[^2] })
            {
                foreach (OperationCheck check in Check(gpu, new NetworkProblem(widths, Activation.Tanh, 0.1f, RegressionLoss.Mse, rows, blockSize: blockSize)))
                {
                    yield return check;
                }
            }
        }
    }

    private static IEnumerable<OperationCheck> Check(GpuBackend gpu, NetworkProblem problem)
    {
        NetworkPlan plan = problem.Plan;
        string name = $"network [{string.Join(',', plan.Layers.Select(layer => layer.Inputs))},{plan.Targets}] of {problem.Rows.Length} rows"
            + (problem.Bins.Length == 0 ? "" : $", blocks of {problem.Shape.BlockSize}");
        if (!gpu.TakesNetwork(plan, problem.Rows.Length))
        {
            yield return new OperationCheck($"{name}: too large for one operation", 0);
            yield break;
        }

        var expected = new NetworkGradientReference(problem);
        using DeviceBuffer<float> inputs = gpu.Upload(problem.Inputs), targets = gpu.Upload(problem.Targets), weights = gpu.Upload(problem.Weights!), parameters = gpu.Upload(problem.Parameters);
        using DeviceBuffer<int> rows = gpu.Upload(problem.Rows), bins = gpu.Upload(problem.Bins);
        using DeviceBuffer<float> means = gpu.Upload(problem.Means), maps = gpu.Upload(problem.Maps), shifts = gpu.Upload(problem.Shifts);
        FeatureCalibration calibration = problem.Bins.Length == 0 ? default : new FeatureCalibration(problem.Shape, bins, means, maps, shifts, default);
        var batch = new NetworkBatch(inputs, targets, weights, rows, NetworkProblem.DropoutStream);

        float[]? first = null;
        for (int repetition = 0; repetition < 2; repetition++)
        {
            using DeviceBuffer<float> features = gpu.Allocate<float>((long)problem.Rows.Length * plan.FeatureDimensions), gradient = gpu.Allocate<float>(plan.ParameterLength);
            using DeviceBuffer<double> sum = gpu.Allocate<double>(1);
            gpu.NetworkGradient(plan, batch, calibration, default, parameters, features, gradient, sum);
            float[] actual = gpu.Download(gradient);
            if (first is null)
            {
                const double U = ErrorBound.Unit;
                yield return OperationCheck.Of($"gradient, {name}", expected.Gradient, actual, i => U * expected.Errors[i]);
                yield return OperationCheck.Of($"features, {name}", expected.Features, gpu.Download(features), i => U * expected.FeatureErrors[i]);
                yield return OperationCheck.Of($"loss, {name}", [expected.LossSum], gpu.Download(sum), _ => U * expected.LossError);
                first = actual;
            }
            else
            {
                yield return new OperationCheck($"same bits again, {name}", first.AsSpan().SequenceEqual(actual) ? 0 : double.PositiveInfinity);
            }
        }
    }
}
