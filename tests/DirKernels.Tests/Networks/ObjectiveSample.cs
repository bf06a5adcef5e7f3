using DirKernels.Features;
using DirKernels.Networks;
using DirKernels.Objectives;

namespace DirKernels.Tests.Networks;

/// <summary>Runs with everything that changes the loss, the features or the batches of training, by name.</summary>
internal static class ObjectiveSample
{
    private static readonly Dictionary<string, TrainingOptions> _objectives = new()
    {
        ["bmc"] = new TrainingOptions { BalancedMse = new BalancedMseOptions { LearnsSigma = true } },
        ["bni"] = new TrainingOptions
        {
            BalancedMse = new BalancedMseOptions { Kind = BalancedMseKind.BinNumericalIntegration, FrequencyWindow = SmoothingKernel.Default },
        },
        ["gai"] = new TrainingOptions { BalancedMse = new BalancedMseOptions { Kind = BalancedMseKind.GaussianAnalyticIntegration, LearnsSigma = true } },
        ["distloss"] = new TrainingOptions { Loss = RegressionLoss.Mse, DistributionMatch = new DistributionMatchOptions { Weight = 0.3 } },
        ["ranksim"] = new TrainingOptions { RankSim = new RankSimOptions() },
        ["rnc"] = new TrainingOptions { Loss = RegressionLoss.Mse, RankNContrast = new RankNContrastOptions(), FeatureSmoothing = SampleRun.FullSmoothing },
        ["stratified"] = new TrainingOptions { Batches = BatchOrder.Stratified },
        ["laplace"] = new TrainingOptions(),
        ["transport"] = new TrainingOptions { Transport = new TransportOptions { Momentum = 0.5 } },
        ["gaussian"] = new TrainingOptions { FeatureSmoothing = SampleRun.FullSmoothing },
        ["vote of 3"] = new TrainingOptions { Vote = new VoteOptions { DensityWindow = SmoothingKernel.Default } },
    };

    public static IEnumerable<string> Names => _objectives.Keys;

    public static TrainingOptions Options(string name) => _objectives[name] with { Seed = 11 };

    public static NetworkShape ShapeOf(string name) => SampleRun.Shape(hidden: [128, 64]) with { Head = HeadOf(name) };

    public static PredictionHead HeadOf(string name) => name switch
    {
        "laplace" => PredictionHead.Laplace,
        "gaussian" => PredictionHead.Gaussian,
        "vote of 3" => PredictionHead.Vote(3),
        _ => PredictionHead.Value,
    };
}
