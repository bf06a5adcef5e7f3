using DirKernels.Backends;
using DirKernels.Conformance;
using DirKernels.Features;
using DirKernels.Networks;

namespace DirKernels.Tests.Networks;

/// <summary>Rows with long-tailed labels, and runs over them.</summary>
internal static class SampleRun
{
    public const int Inputs = 16;

    /// <summary>Bins of the labels, which lie in 0..20 and are rare above 10.</summary>
    public static LabelBins Bins { get; } = LabelBins.Uniform(0, 2, 10);

    public static TrainingSet Rows(int seed, int count, float[]? weights = null, float[]? headWeights = null)
    {
        float[] inputs = SampleNumbers.Normal(seed, count * Inputs), noise = SampleNumbers.Normal(seed + 1, count);
        var labels = new double[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> x = inputs.AsSpan(i * Inputs, Inputs);
            labels[i] = Math.Clamp(5 + 2 * x[0] + x[1] * x[2] + Math.Exp(0.7 * x[3]) + 0.2 * noise[i], 0, 20);
        }

        return new TrainingSet(inputs, labels) { Weights = weights, HeadWeights = headWeights };
    }

    public static NetworkShape Shape(bool normalized = false, float dropout = 0, params int[] hidden) =>
        new() { Inputs = Inputs, Hidden = hidden.Length == 0 ? [32, 16] : hidden, BatchNormalization = normalized, Dropout = dropout };

    public static FeatureSmoothingOptions FullSmoothing { get; } =
        new() { Covariance = CovarianceKind.Full, Kernel = SmoothingKernel.Create(SmoothingKernelShape.Gaussian, 5, 2), Strength = 0.5f };

    public static TrainingRun Create(TrainingOptions options, NetworkShape? shape = null, TrainingSet? training = null, IBackend? backend = null) =>
        new(shape ?? Shape(), training ?? Rows(1, 200), Rows(2, 100), Bins, options, backend);

    public static List<EpochResult> Finish(TrainingRun run)
    {
        var results = new List<EpochResult>();
        while (!run.IsFinished)
        {
            results.Add(run.RunEpoch());
        }

        return results;
    }

    /// <summary>All bits that a run carries.</summary>
    public static OutputBits Bits(TrainingRun run)
    {
        TrainingState state = run.Capture();
        var bits = new OutputBits();
        bits.Add(state.Parameters);
        bits.Add(state.BestParameters);
        bits.Add(state.NormalizationStatistics);
        bits.Add(state.BestNormalizationStatistics);
        bits.Add(state.FirstMoments);
        bits.Add(state.SecondMoments);
        bits.Add([state.BestError]);
        bits.Add([state.CompletedEpochs, state.BestEpoch, state.Steps]);
        bits.Add(state.Objective ?? []);
        if (state.Transport is { } transport)
        {
            bits.Add(transport.Means);
            bits.Add(transport.Counts);
            bits.Add([transport.ResidualDeviation]);
        }

        if (state.Features is { } features)
        {
            bits.Add(features.SamplesSeen);
            bits.Add(features.LastCounts);
            bits.Add(features.RunningMeans);
            bits.Add(features.RunningCovariances);
            bits.Add(features.SmoothedMeans);
            bits.Add(features.SmoothedCovariances);
        }

        return bits;
    }
}
