using DirKernels.Features;
using DirKernels.Objectives;

namespace DirKernels.Networks;

/// <summary>How a network is trained.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the training rows, at least 1.</summary>
    public int Epochs { get; init; } = 60;

    /// <summary>Rows of a mini-batch; the last one of an epoch, or of a window of rows that are read in blocks, may be smaller.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>How rows are dealt into mini-batches.</summary>
    public BatchOrder Batches { get; init; } = BatchOrder.Shuffled;

    /// <summary>
    /// Blocks of rows that are shuffled together when rows are read in blocks (<see cref="TrainingSet.Blocks"/>), at least 1; twice as many are in memory. When
    /// these are all blocks, training gives the bits that it gives with the same rows in memory.
    /// </summary>
    public int BlocksPerWindow { get; init; } = 16;

    /// <summary>Formula of the update.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>Initial learning rate.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Decay of the first moment; the momentum of SGD.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>Decay of the second moment.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Added to the root of the second moment.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Weight decay.</summary>
    public float WeightDecay { get; init; }

    /// <summary>Change of the learning rate over the epochs.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Step;

    /// <summary>Loss of the standardised targets.</summary>
    public RegressionLoss Loss { get; init; } = RegressionLoss.L1;

    /// <summary>Balanced MSE in the place of <see cref="Loss"/>; null leaves it out.</summary>
    public BalancedMseOptions? BalancedMse { get; init; }

    /// <summary>Dist Loss around <see cref="Loss"/>; null leaves it out.</summary>
    public DistributionMatchOptions? DistributionMatch { get; init; }

    /// <summary>Ranking of features beside the loss; null leaves it out.</summary>
    public RankSimOptions? RankSim { get; init; }

    /// <summary>Contrast of features beside the loss; null leaves it out.</summary>
    public RankNContrastOptions? RankNContrast { get; init; }

    /// <summary>Transport of features between label bins; null leaves it out.</summary>
    public TransportOptions? Transport { get; init; }

    /// <summary>Weights of the members of a voting head; null weighs them alike.</summary>
    public VoteOptions? Vote { get; init; }

    /// <summary>Which validation error chooses the best epoch.</summary>
    public EpochSelection Selection { get; init; } = EpochSelection.Mae;

    /// <summary>Stop after this many epochs without a better validation error; 0 trains all epochs.</summary>
    public int Patience { get; init; }

    /// <summary>Seed of initial parameters, shuffling and dropout.</summary>
    public ulong Seed { get; init; }

    /// <summary>Feature distribution smoothing; null leaves it out.</summary>
    public FeatureSmoothingOptions? FeatureSmoothing { get; init; }

    /// <summary>
    /// Epochs of the second stage of two-stage training: the encoder frozen, the head initialised anew and trained with the head weights of the training
    /// rows. 0 leaves it out.
    /// </summary>
    public int HeadEpochs { get; init; }

    /// <summary>Checks ranges.</summary>
    /// <exception cref="ArgumentException">Names the option and its value.</exception>
    public void Validate()
    {
        Require(Epochs is >= 1 and <= 1_000_000, "epochs must be at least 1", Epochs);
        Require(BatchSize is >= 1 and <= 1 << 20, $"batch must be 1..{1 << 20}", BatchSize);
        Require(BlocksPerWindow >= 1, "blocks per window must be at least 1", BlocksPerWindow);
        Require(LearningRate > 0 && double.IsFinite(LearningRate), "the learning rate must be positive", LearningRate);
        Require(Beta1 is >= 0 and < 1, "beta1 must be in [0, 1)", Beta1);
        Require(Beta2 is >= 0 and < 1, "beta2 must be in [0, 1)", Beta2);
        Require(Epsilon > 0, "epsilon must be positive", Epsilon);
        Require(WeightDecay >= 0 && float.IsFinite(WeightDecay), "weight decay must not be negative", WeightDecay);
        Require(Patience >= 0, "patience must not be negative", Patience);
        Require(HeadEpochs >= 0, "head epochs must not be negative", HeadEpochs);
        Loss.Validate();
        BalancedMse?.Validate();
        DistributionMatch?.Validate();
        Transport?.Validate();
        RankSim?.Validate();
        RankNContrast?.Validate();
        if (BalancedMse is not null && DistributionMatch is not null)
        {
            throw new ArgumentException("training: balanced mse and dist loss are both losses of the whole batch; choose one");
        }

        if (RankSim is not null && RankNContrast is not null)
        {
            throw new ArgumentException("training: ranksim and rank-n-contrast both order the features; choose one");
        }
    }

    private static void Require(bool holds, string rule, double value)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"training: {rule}, but is {value}"));
        }
    }
}
