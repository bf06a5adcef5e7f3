using System.Text.Json;
using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using Xunit;

namespace DirKernels.Tests;

public sealed class RegressionLossTests
{
    public static TheoryData<int> GoldenEntries => [.. Enumerable.Range(0, GoldenFile.Read("losses").GetArrayLength())];

    [Theory]
    [MemberData(nameof(GoldenEntries))]
    public void GoldenValuesAndGradients(int index)
    {
        JsonElement golden = GoldenFile.Read("losses")[index];
        RegressionLoss loss = ReadLoss(golden);
        float[] prediction = Array.ConvertAll(golden.GetProperty("prediction").Doubles(), x => (float)x);
        float[] target = Array.ConvertAll(golden.GetProperty("target").Doubles(), x => (float)x);
        JsonElement weight = golden.GetProperty("weight");
        float[]? weights = weight.ValueKind == JsonValueKind.Null ? null : Array.ConvertAll(weight.Doubles(), x => (float)x);

        using var backend = new CpuBackend(1);
        using DeviceBuffer<float> p = backend.Upload(prediction), t = backend.Upload(target), w = backend.Upload(weights ?? []);
        using DeviceBuffer<float> gradient = backend.Allocate<float>(prediction.Length);
        using DeviceBuffer<double> sum = backend.Allocate<double>(1);
        backend.LossGradient(loss, p, t, weights is null ? default : w.View, 1, gradient, sum);

        Close.Equal(golden.GetProperty("value").GetDouble(), backend.Download(sum)[0] / prediction.Length, Close.Float32, "value");
        Close.Equal(golden.GetProperty("gradient").Doubles(), backend.Download(gradient), Close.Float32, "gradient");
    }

    [Theory]
    [InlineData(RegressionLossKind.L1, 1f)]
    [InlineData(RegressionLossKind.Mse, 1f)]
    [InlineData(RegressionLossKind.Huber, 1f)]
    [InlineData(RegressionLossKind.FocalL1, 1f)]
    [InlineData(RegressionLossKind.FocalL1, 0.5f)]
    [InlineData(RegressionLossKind.FocalMse, 2f)]
    [InlineData(RegressionLossKind.FocalMse, 0f)]
    public void DerivativeIsTheSlope(RegressionLossKind kind, float gamma)
    {
        foreach (FocalActivation activation in Enum.GetValues<FocalActivation>())
        {
            var loss = new RegressionLoss(kind, HuberBeta: 0.7f, FocalBeta: 0.9f, FocalGamma: gamma, FocalActivation: activation);
            foreach (float error in new[] { -30f, -2.5f, -0.9f, -0.31f, 0.11f, 0.5f, 1.3f, 12f })
            {
                const float Step = 1f / 256;
                loss.Evaluate(error, out float derivative);
                double slope = ((double)loss.Evaluate(error + Step, out _) - loss.Evaluate(error - Step, out _)) / (2 * Step);

                // Central differences: curvature of order Step^2 and rounding of the value over Step.
                double tolerance = 2e-4 * (1 + Math.Abs(slope));
                Assert.True(Math.Abs(slope - derivative) <= tolerance, $"{loss} at {error}: slope {slope}, derivative {derivative}");
            }
        }
    }

    [Fact]
    public void ErrorZeroHasNoGradientAndNaNStaysNaN()
    {
        foreach (RegressionLossKind kind in Enum.GetValues<RegressionLossKind>())
        {
            var loss = new RegressionLoss(kind);
            Assert.Equal(0f, loss.Evaluate(0, out float derivative));
            Assert.Equal(0f, derivative);
            Assert.True(float.IsNaN(loss.Evaluate(float.NaN, out derivative)));
            Assert.True(float.IsNaN(derivative));
        }
    }

    private static RegressionLoss ReadLoss(JsonElement golden) => new(
        golden.GetProperty("loss").GetString() switch
        {
            "l1" => RegressionLossKind.L1,
            "mse" => RegressionLossKind.Mse,
            "huber" => RegressionLossKind.Huber,
            "focal-l1" => RegressionLossKind.FocalL1,
            _ => RegressionLossKind.FocalMse,
        },
        (float)golden.GetProperty("huberBeta").GetDouble(),
        (float)golden.GetProperty("beta").GetDouble(),
        (float)golden.GetProperty("gamma").GetDouble(),
        golden.GetProperty("activation").GetString() == "tanh" ? FocalActivation.Tanh : FocalActivation.Sigmoid);
}
