using System.Text.Json;
using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using DirKernels.Features;
using Xunit;

namespace DirKernels.Tests.Features;

public sealed class GoldenFeatureSmoothingTests
{
    [Theory]
    [InlineData("fds-diagonal-keep")]
    [InlineData("fds-diagonal-fill")]
    [InlineData("fds-diagonal-exclude")]
    [InlineData("fds-diagonal-count")]
    [InlineData("fds-diagonal-average")]
    [InlineData("fds-mean-count")]
    [InlineData("fds-full")]
    [InlineData("fds-full-exclude")]
    [InlineData("fds-block")]
    public void EveryEpochIsReproduced(string name)
    {
        JsonElement golden = GoldenFile.Read(name);
        using var backend = new CpuBackend(2);
        int bins = golden.GetProperty("bins").GetInt32(), dim = golden.GetProperty("dim").GetInt32();
        using var smoothing = new FeatureDistributionSmoothing(dim, bins, ReadOptions(golden), backend);
        int epoch = 0;
        foreach (JsonElement expected in golden.GetProperty("epochs").EnumerateArray())
        {
            int[] labels = expected.GetProperty("labels").Integers();
            float[] features = Array.ConvertAll(expected.GetProperty("features").Matrix(), x => (float)x);
            AccumulateInBatches(smoothing, features, labels, batch: 50);
            smoothing.EndEpoch();
            FeatureStatisticsState state = smoothing.Capture();
            string where = $"{name} epoch {epoch++}";
            Close.Equal(expected.GetProperty("runningMean").Matrix(), state.RunningMeans, Close.Float32, $"{where} running mean");
            Close.Equal(expected.GetProperty("smoothedMean").Matrix(), state.SmoothedMeans, Close.Float32, $"{where} smoothed mean");
            CheckCovariances(expected.GetProperty("runningCov").Matrix(), state.RunningCovariances, smoothing, $"{where} running covariance");
            CheckCovariances(expected.GetProperty("smoothedCov").Matrix(), state.SmoothedCovariances, smoothing, $"{where} smoothed covariance");
            int rows = expected.GetProperty("calibrateRows").GetInt32();
            var calibrated = new float[rows * dim];
            smoothing.Calibrate(features.AsSpan(0, rows * dim), labels.AsSpan(0, rows), calibrated);
            double tolerance = smoothing.BlockSize == 1 ? Close.Float32 : Close.Factorised;
            Close.Equal(expected.GetProperty("calibrated").Matrix(), calibrated, tolerance, $"{where} calibrated");
        }
    }

    private static FeatureSmoothingOptions ReadOptions(JsonElement golden)
    {
        JsonElement momentum = golden.GetProperty("momentum");
        double[] clip = golden.GetProperty("clip").Doubles();
        return new FeatureSmoothingOptions
        {
            Covariance = CovarianceKind.Block(golden.GetProperty("blockSize").GetInt32()),
            Kernel = SmoothingKernel.Create(
                Enum.Parse<SmoothingKernelShape>(golden.GetProperty("kernel").GetString()!, ignoreCase: true),
                golden.GetProperty("size").GetInt32(),
                golden.GetProperty("sigma").GetDouble()),
            Momentum = momentum.ValueKind == JsonValueKind.Null ? null : momentum.GetDouble(),
            EmptyBins = Enum.Parse<EmptyBins>(golden.GetProperty("emptyBins").GetString()!, ignoreCase: true),
            ClipLower = (float)clip[0],
            ClipUpper = (float)clip[1],
            Shrinkage = Shrinkage.Fixed((float)golden.GetProperty("shrinkage").GetDouble()),
            Mass = Enum.Parse<BinMass>(golden.GetProperty("mass").GetString()!, ignoreCase: true),
            Parts = Enum.Parse<CalibrationParts>(golden.GetProperty("parts").GetString()!, ignoreCase: true),
            Strength = (float)golden.GetProperty("strength").GetDouble(),
        };
    }

    private static void AccumulateInBatches(FeatureDistributionSmoothing smoothing, float[] features, int[] labels, int batch)
    {
        for (int start = 0; start < labels.Length; start += batch)
        {
            int count = Math.Min(batch, labels.Length - start);
            smoothing.Accumulate(
                features.AsSpan(start * smoothing.Dimensions, count * smoothing.Dimensions), labels.AsSpan(start, count));
        }
    }

    private static void CheckCovariances(double[] expected, float[] actual, FeatureDistributionSmoothing smoothing, string what)
    {
        int dim = smoothing.Dimensions, block = smoothing.BlockSize;
        int stored = expected.Length == smoothing.BinCount * dim ? 1 : dim;
        for (int b = 0; b < smoothing.BinCount; b++)
        {
            for (int i = 0; i < dim; i++)
            {
                for (int j = i - i % block; j <= i; j++)
                {
                    double e = stored == 1 ? expected[b * dim + i] : expected[(b * dim + i) * dim + j];
                    Close.Equal(e, actual[(b * dim + i) * block + j % block], Close.Float32, $"{what}[{b},{i},{j}]");
                }
            }
        }
    }
}
