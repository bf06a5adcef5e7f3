using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using DirKernels.Features;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Tests.Networks;

/// <summary>The gradient of all parameters of a network against central differences of the oracle's loss.</summary>
public sealed class NetworkGradientTests
{
    private const int Rows = 12;
    private const ulong DropoutStream = 0xD0D0;

    public static TheoryData<Activation, bool, float> Layers =>
        [.. from activation in Enum.GetValues<Activation>()
            from normalized in new[] { false, true }
            from dropout in new[] { 0f, 0.3f }
            select (activation, normalized, dropout)];

    [Theory]
    [MemberData(nameof(Layers))]
    public void EveryParameter(Activation activation, bool normalized, float dropout) =>
        Check(Shape(activation, normalized, dropout, 7, 6), RegressionLoss.Mse, null);

    [Theory]
    [InlineData(RegressionLossKind.L1)]
    [InlineData(RegressionLossKind.Huber)]
    [InlineData(RegressionLossKind.FocalL1)]
    [InlineData(RegressionLossKind.FocalMse)]
    public void EveryLoss(RegressionLossKind kind) => Check(Shape(Activation.Tanh, false, 0, 7, 6), new RegressionLoss(kind, HuberBeta: 0.7f), null);

    [Theory]
    [InlineData(1, 1f, CalibrationParts.Both)]
    [InlineData(1, 0.4f, CalibrationParts.Both)]
    [InlineData(4, 0.4f, CalibrationParts.Both)]
    [InlineData(6, 1f, CalibrationParts.Both)]
    [InlineData(6, 0.4f, CalibrationParts.Both)]
    [InlineData(6, 0.4f, CalibrationParts.Mean)]
    public void ThroughCalibration(int blockSize, float strength, CalibrationParts parts)
    {
        var options = new FeatureSmoothingOptions
        {
            Covariance = CovarianceKind.Block(blockSize),
            Kernel = SmoothingKernel.Create(SmoothingKernelShape.Gaussian, 3, 1),
            Strength = strength,
            Parts = parts,
            Shrinkage = Shrinkage.Fixed(0.1f),
        };
        Check(Shape(Activation.Gelu, normalized: true, 0.3f, 7, 6), RegressionLoss.Mse, options);
        Check(Shape(Activation.Silu, normalized: false, 0, 6), RegressionLoss.Huber(0.5f), options);
    }

    [Fact]
    public void LinearModel() => Check(Shape(Activation.Relu, false, 0), RegressionLoss.Mse, null);

    private static NetworkShape Shape(Activation activation, bool normalized, float dropout, params int[] hidden) =>
        new() { Inputs = 5, Hidden = hidden, Targets = 2, Activation = activation, BatchNormalization = normalized, Dropout = dropout };

    private static void Check(NetworkShape shape, RegressionLoss loss, FeatureSmoothingOptions? options)
    {
        using var backend = new CpuBackend(1);
        using var network = new RegressionNetwork(shape, backend);
        float[] parameters = RandomParameters(network.Layout);
        backend.CopyIn<float>(parameters, network.Parameters);
        float[] inputs = SampleNumbers.Normal(1, Rows * 5), targets = SampleNumbers.Normal(2, Rows * 2), weights = SampleNumbers.Uniform(3, Rows, 0.5, 2);
        int[] bins = [.. Enumerable.Range(0, Rows).Select(i => i % 3)];
        using FeatureDistributionSmoothing? smoothing = options is null ? null : TrainedSmoothing(options, backend);

        var oracle = new NetworkLossReference(shape, network.Layout, inputs, targets, weights, loss)
        {
            DropoutStream = DropoutStream,
            Calibrate = smoothing is null ? features => features : features => Calibrated(smoothing, features, bins),
        };
        double[] exact = [.. parameters];

        // h^2 / 6 times third derivatives below 100 is 2e-9 at h = 1e-5, and a loss below 10 rounds to 1e-15 / h = 1e-10.
        double[] slopes = oracle.Slopes(exact, 1e-5);
        (double value, float[] gradient) = Run(backend, network, inputs, targets, weights, loss, smoothing, bins);

        // A gradient sums paths of three layers, each of which rounds about a dozen times forwards and backwards (36u, gelu 2 * 7u more); terms of both
        // signs are up to four times larger than their sum's largest entry: 200u.
        double tolerance = 200 * ErrorBound.Unit * (slopes.Max(Math.Abs) + 1e-4);
        ErrorBound.Check(slopes, gradient, _ => tolerance, $"{shape} {loss.Kind}");
        Assert.Equal(oracle.Loss(exact), value, 200 * ErrorBound.Unit * (1 + value));
        Assert.True(slopes.Max(Math.Abs) > 0.01);
    }

    private static (double Loss, float[] Gradient) Run(
        CpuBackend backend, RegressionNetwork network, float[] inputs, float[] targets, float[] weights, RegressionLoss loss, FeatureDistributionSmoothing? smoothing, int[] bins)
    {
        // A pass for larger batches: its buffers are used in part.
        using var pass = new NetworkPass(network, Rows + 9, forTraining: true);
        using DeviceBuffer<float> x = backend.Upload(inputs), t = backend.Upload(targets), w = backend.Upload(weights);
        using DeviceBuffer<int> b = backend.Upload(bins);
        using DeviceBuffer<double> sum = backend.Allocate<double>(1);
        DeviceView<float> features = pass.Encode(x, Rows, DropoutStream);
        DeviceView<float> headInputs = smoothing is null ? features : pass.Calibrate(smoothing, features, b);
        pass.Head(headInputs, Rows);
        pass.Loss(loss, t, w, Rows, sum);
        pass.Backward(x, headInputs, Rows, DropoutStream, smoothing, b);
        return (backend.Download(sum)[0] / Rows, backend.Download(pass.Gradients));
    }

    /// <summary>Parameters of moderate size, gains around 1; the gaps between arrays stay 0.</summary>
    private static float[] RandomParameters(ParameterLayout layout)
    {
        var parameters = new float[layout.Length];
        foreach (ParameterEntry entry in layout.Entries)
        {
            SampleNumbers.Normal((int)entry.Offset, (int)entry.Length, entry.Name.EndsWith("gain", StringComparison.Ordinal) ? 1 : 0, 0.4)
                .CopyTo(parameters, entry.Offset);
        }

        return parameters;
    }

    private static FeatureDistributionSmoothing TrainedSmoothing(FeatureSmoothingOptions options, CpuBackend backend)
    {
        var smoothing = new FeatureDistributionSmoothing(6, 3, options, backend);
        float[] features = SampleNumbers.Normal(7, 90 * 6);
        int[] bins = [.. Enumerable.Range(0, 90).Select(i => i % 3)];
        for (int i = 0; i < features.Length; i++)
        {
            features[i] = features[i] * (1 + bins[i / 6]) + 0.3f * bins[i / 6] + (i % 6 == 0 ? 0 : 0.5f * features[i - 1]);
        }

        smoothing.Accumulate(features, bins);
        smoothing.EndEpoch();
        return smoothing;
    }

    private static double[] Calibrated(FeatureDistributionSmoothing smoothing, double[] features, int[] bins)
    {
        FeatureStatisticsState state = smoothing.Capture();
        FeatureSmoothingOptions options = smoothing.Options;
        int d = smoothing.Dimensions, g = smoothing.BlockSize;
        var mapping = new MapOptions(
            options.ClipLower, options.ClipUpper, options.Strength, options.Parts == CalibrationParts.Mean, options.Shrinkage.Share, false, state.LastCounts, new MapTreatment[3]);
        SolveMapsReference[] maps =
            [.. Enumerable.Range(0, 3).Select(b => new SolveMapsReference(
                mapping,
                new BinShape(3, d, g),
                b,
                state.RunningMeans.AsSpan(b * d, d),
                state.RunningCovariances.AsSpan(b * d * g, d * g),
                state.SmoothedMeans.AsSpan(b * d, d),
                state.SmoothedCovariances.AsSpan(b * d * g, d * g)))];
        var result = new double[features.Length];
        for (int i = 0; i < features.Length; i++)
        {
            int b = bins[i / d], dimension = i % d, row = i - dimension;
            result[i] = features[i] + maps[b].Shift[dimension];
            for (int j = dimension / g * g; j <= dimension; j++)
            {
                result[i] += maps[b].Map[dimension * g + j % g] * (features[row + j] - state.RunningMeans[b * d + j]);
            }
        }

        return result;
    }
}
