using DirKernels.Backends;
using DirKernels.Features;
using DirKernels.Monitoring;

namespace DirKernels.Networks;

/// <summary>Everything a model file holds, on the host: the network, or those of an ensemble, how targets are scaled, the label bins and training counts it is evaluated by.</summary>
public sealed record ModelSnapshot
{
    /// <summary>Sizes and functions of each network.</summary>
    public required NetworkShape Shape { get; init; }

    /// <summary>The trained networks, at least one; what several predict is averaged.</summary>
    public required IReadOnlyList<NetworkSnapshot> Networks { get; init; }

    /// <summary>Whether the model says how uncertain its predictions are; see <see cref="RegressionModel.KnowsUncertainty"/>.</summary>
    public bool KnowsUncertainty => Networks.Count > 1 || !Shape.Head.IsValue;

    /// <summary>Label bins.</summary>
    public required LabelBins Bins { get; init; }

    /// <summary>[B] number of training rows in each bin.</summary>
    public required double[] TrainCounts { get; init; }

    /// <summary>Feature statistics at the end of training, of an ensemble those of its last network; null without feature smoothing.</summary>
    public FeatureStatisticsState? Features { get; init; }

    /// <summary>Inputs and predictions of the training rows, for <see cref="DriftReport"/>; null when nobody took note of them.</summary>
    public DriftSketch? Reference { get; init; }

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
        return Capture(model, run.FeatureSmoothing, bins, trainCounts, withCheckpoint ? run.Capture() : null);
    }

    internal static ModelSnapshot Capture(
        RegressionModel model, FeatureDistributionSmoothing? smoothing, LabelBins bins, double[] trainCounts, TrainingState? checkpoint) => new()
        {
            Shape = model.Network.Shape,
            Networks = [.. model.Networks.Select(network => network.Download())],
            Bins = bins,
            TrainCounts = trainCounts,
            Features = smoothing?.Capture(),
            Checkpoint = checkpoint,
        };

    /// <summary>A model on a backend that predicts what the networks of the snapshot predict.</summary>
    public RegressionModel ToModel(IBackend backend) => new([.. Networks.Select(network => network.Upload(Shape, backend))]);

    /// <summary>A predictor for many threads, on the CPU.</summary>
    /// <param name="threads">Threads that share a large batch; see <see cref="Predictor(RegressionModel, int)"/>.</param>
    public Predictor ToPredictor(int threads = 1) => new(new SharedNetworks(Shape, Networks, threads));
}
