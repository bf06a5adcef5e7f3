using System.CommandLine;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>The options about loss, optimiser, epochs and their choice that training commands share.</summary>
internal sealed class OptimizationArguments
{
    private const int MostEpochs = 1_000_000;
    private const int LargestBatch = 1 << 20;

    private readonly Option<int> _epochs = new("--epochs") { Description = "Passes over the training rows.", DefaultValueFactory = _ => 60 };

    private readonly Option<int?> _headEpochs = new("--head-epochs") { Description = "Epochs of the second stage of rrt; by default a third of the epochs." };

    private readonly Option<int> _batch = new("--batch") { Description = "Rows of a mini-batch.", DefaultValueFactory = _ => 256 };

    private readonly Option<string> _batches = new("--batches")
    {
        Description = "How rows are dealt into mini-batches: at random, or each with its share of every label bin.",
        HelpName = "shuffled|stratified",
        DefaultValueFactory = _ => "shuffled",
    };

    private readonly Option<double> _rate = new("--lr") { Description = "Initial learning rate.", DefaultValueFactory = _ => 1e-3 };

    private readonly Option<string> _optimizer = new("--optimizer")
    {
        Description = "Optimiser; sgd has momentum 0.9.",
        HelpName = "adam|adamw|sgd",
        DefaultValueFactory = _ => "adam",
    };

    private readonly Option<double> _weightDecay = new("--weight-decay") { Description = "Weight decay.", DefaultValueFactory = _ => 0 };

    private readonly Option<string> _schedule = new("--schedule")
    {
        Description = "Learning rate over the epochs; step: times 0.1 at 2/3 and 8/9 of them.",
        HelpName = "step|cosine|constant",
        DefaultValueFactory = _ => "step",
    };

    private readonly Option<string> _loss = new("--loss")
    {
        Description = "Loss of the standardised targets.",
        HelpName = "l1|mse|huber|focal-l1|focal-mse",
        DefaultValueFactory = _ => "l1",
    };

    private readonly Option<double> _huberBeta = new("--huber-beta") { Description = "Threshold of the Huber loss.", DefaultValueFactory = _ => 1 };

    private readonly Option<double> _focalBeta = new("--focal-beta") { Description = "Steepness of the focal factor.", DefaultValueFactory = _ => 0.2 };

    private readonly Option<double> _focalGamma = new("--focal-gamma") { Description = "Power of the focal factor.", DefaultValueFactory = _ => 1 };

    private readonly Option<string> _select = new("--select")
    {
        Description = "Validation error that chooses the epoch; bmae averages over label bins.",
        HelpName = "mae|bmae|mse",
        DefaultValueFactory = _ => "mae",
    };

    private readonly Option<int> _patience = new("--patience")
    {
        Description = "Stop after this many epochs without a better validation error; 0 trains all epochs.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<ulong> _seed = new("--seed") { Description = "Seed of split, initial parameters, order and dropout.", DefaultValueFactory = _ => 0 };

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All =>
        [_epochs, _headEpochs, _batch, _batches, _rate, _optimizer, _weightDecay, _schedule, _loss, _huberBeta, _focalBeta, _focalGamma, _select, _patience, _seed];

    /// <summary>Epochs of the second stage, or null for the default.</summary>
    /// <exception cref="ArgumentException">Out of range.</exception>
    public int? HeadEpochs(ParseResult parsed)
    {
        int? epochs = parsed.GetValue(_headEpochs);
        OptionRange.Require(epochs is null or (>= 1 and <= MostEpochs), "--head-epochs", $"must be 1..{MostEpochs}", epochs ?? 0);
        return epochs;
    }

    /// <summary>What the user chose.</summary>
    /// <exception cref="ArgumentException">A value is malformed or out of its range.</exception>
    public TrainingOptions Read(ParseResult parsed)
    {
        int epochs = parsed.GetValue(_epochs), batch = parsed.GetValue(_batch), patience = parsed.GetValue(_patience);
        double rate = parsed.GetValue(_rate), decay = parsed.GetValue(_weightDecay);
        OptionRange.Require(epochs is >= 1 and <= MostEpochs, "--epochs", $"must be 1..{MostEpochs}", epochs);
        OptionRange.Require(batch is >= 1 and <= LargestBatch, "--batch", $"must be 1..{LargestBatch}", batch);
        OptionRange.Require((float)rate > 0 && float.IsFinite((float)rate), "--lr", "must be a positive number", rate);
        OptionRange.Require(decay >= 0 && float.IsFinite((float)decay), "--weight-decay", "must not be negative", decay);
        OptionRange.Require(patience >= 0, "--patience", "must not be negative", patience);
        return new TrainingOptions
        {
            Epochs = epochs,
            BatchSize = batch,
            Batches = NamedChoice.Of("--batches", parsed.GetValue(_batches)!, ("shuffled", BatchOrder.Shuffled), ("stratified", BatchOrder.Stratified)),
            LearningRate = rate,
            WeightDecay = (float)decay,
            Patience = patience,
            Seed = parsed.GetValue(_seed),
            Loss = Loss(parsed),
            Optimizer = NamedChoice.Of(
                "--optimizer", parsed.GetValue(_optimizer)!, ("adam", OptimizerKind.Adam), ("adamw", OptimizerKind.AdamW), ("sgd", OptimizerKind.Sgd)),
            Schedule = NamedChoice.Of(
                "--schedule",
                parsed.GetValue(_schedule)!,
                ("step", LearningRateSchedule.Step),
                ("cosine", LearningRateSchedule.Cosine),
                ("constant", LearningRateSchedule.Constant)),
            Selection = NamedChoice.Of("--select", parsed.GetValue(_select)!, ("mae", EpochSelection.Mae), ("bmae", EpochSelection.BalancedMae), ("mse", EpochSelection.Mse)),
        };
    }

    private RegressionLoss Loss(ParseResult parsed)
    {
        double huberBeta = parsed.GetValue(_huberBeta), focalBeta = parsed.GetValue(_focalBeta), focalGamma = parsed.GetValue(_focalGamma);
        OptionRange.Require((float)huberBeta > 0 && float.IsFinite((float)huberBeta), "--huber-beta", "must be a positive number", huberBeta);
        OptionRange.Require((float)focalBeta > 0 && float.IsFinite((float)focalBeta), "--focal-beta", "must be a positive number", focalBeta);
        OptionRange.Require(focalGamma >= 0 && float.IsFinite((float)focalGamma), "--focal-gamma", "must not be negative", focalGamma);
        RegressionLossKind kind = NamedChoice.Of(
            "--loss",
            parsed.GetValue(_loss)!,
            ("l1", RegressionLossKind.L1),
            ("mse", RegressionLossKind.Mse),
            ("huber", RegressionLossKind.Huber),
            ("focal-l1", RegressionLossKind.FocalL1),
            ("focal-mse", RegressionLossKind.FocalMse));
        return new RegressionLoss(kind, (float)huberBeta, (float)focalBeta, (float)focalGamma);
    }
}
