using DirKernels.Backends;
using DirKernels.Features;

namespace DirKernels.Networks;

/// <summary>Everything a model file holds, on the host: the network, how its targets are scaled, the label bins and training counts it is evaluated by.</summary>
public sealed record ModelSnapshot
{
    /// <summary>Sizes and functions of the network.</summary>
    public required NetworkShape Shape { get; init; }

    /// <summary>Parameters, flat, laid out by <see cref="ParameterLayout"/>.</summary>
    public required float[] Parameters { get; init; }

    /// <summary>Running statistics of batch normalisation; empty without it.</summary>
    public required float[] NormalizationStatistics { get; init; }

    /// <summary>Scaling of the targets.</summary>
    public required TargetScaling Scaling { get; init; }

    /// <summary>Label bins.</summary>
    public required LabelBins Bins { get; init; }

    /// <summary>[B] number of training rows in each bin.</summary>
    public required double[] TrainCounts { get; init; }

    /// <summary>Feature statistics at the end of training; null without feature smoothing.</summary>
    public FeatureStatisticsState? Features { get; init; }

    /// <summary>State to go on training from; null in a finished model.</summary>
    public TrainingState? Checkpoint { get; init; }

    /// <summary>What the program that trained it wants to keep: names of columns, options. Keys must not start with <c>dirkernels.</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The best model of a run so far.</summary>
    /// <param name="run">A run of which at least one epoch has ended.</param>
    /// <param name="bins">Label bins.</param>
    /// <param name="trainCounts">[B] number of training rows in each bin.</param>
    /// <param name="withCheckpoint">Keep the state to go on from.</param>
    public static ModelSnapshot Capture(TrainingRun run, LabelBins bins, double[] trainCounts, bool withCheckpoint = false)
    {
        using RegressionModel model = run.BestModel();
        return new ModelSnapshot
        {
            Shape = model.Network.Shape,
            Parameters = model.Network.Backend.Download(model.Network.Parameters),
            NormalizationStatistics = model.Network.Backend.Download(model.Network.NormalizationStatistics),
            Scaling = model.Scaling,
            Bins = bins,
            TrainCounts = trainCounts,
            Features = run.FeatureSmoothing?.Capture(),
            Checkpoint = withCheckpoint ? run.Capture() : null,
        };
    }

    /// <summary>A model on a backend that predicts what the snapshot's network predicts.</summary>
    public RegressionModel ToModel(IBackend backend) => new(new RegressionNetwork(Shape, backend, Parameters, NormalizationStatistics), Scaling);

    /// <summary>A predictor for many threads, on the CPU.</summary>
    /// <param name="threads">Threads that share a large batch; see <see cref="Predictor(RegressionModel, int)"/>.</param>
    public Predictor ToPredictor(int threads = 1) => new(new SharedNetwork(Shape, Parameters, NormalizationStatistics, Scaling, threads));
}
