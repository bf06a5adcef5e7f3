using System.Globalization;
using DirKernels.Objectives;
using DirKernels.Resampling;

namespace DirKernels.Methods;

/// <summary>The parts of methods, a row each: what parsing, messages, help and documentation are made from.</summary>
internal static class MethodCatalogue
{
    private const string Weighting = "weighting";
    private const string Loss = "loss";
    private const string Head = "head";
    private const string Ranking = "ranking of features";
    private const string Resampling = "resampling";

    private const int MostNetworks = 32;

    private const string Ren = "Ren et al., CVPR 2022";
    private const string Yang = "Yang et al., ICML 2021";

    private static readonly MethodOption[] _focal = [new("--focal-beta", "0.2"), new("--focal-gamma", "1")];
    private static readonly MethodOption[] _noise = [new("--noise-sigma", "0.3"), new("--sigma-rate", "0")];
    private static readonly MethodOption[] _weightRange = [new("--max-weight", "none"), new("--weight-range", "none")];
    private static readonly MethodOption[] _clipped = [new("--clip", "none"), .. _weightRange];
    private static readonly MethodOption[] _window = [new("--kernel", "gaussian"), new("--size", "5"), new("--sigma", "2"), new("--boundary", "zero")];

    /// <summary>The rows, in the order in which people compare methods.</summary>
    public static IReadOnlyList<MethodPart> All { get; } =
    [
        new("vanilla", MethodPartKind.Baseline, "Trains as it is: every row counts the same.", "the baseline"),
        new("sqinv", MethodPartKind.Weights, "Weighs the loss by the inverse square root of the label density.", Yang, _clipped)
        {
            Place = Weighting,
            Apply = (method, _) => method with { Reweighting = Reweighting.SqrtInverse },
        },
        new("inv", MethodPartKind.Weights, "Weighs the loss by the inverse of the label density.", Yang, [new("--clip", "5,1000"), .. _weightRange])
        {
            Place = Weighting,
            Apply = (method, _) => method with { Reweighting = Reweighting.Inverse },
        },
        new("power", MethodPartKind.Weights, "Weighs the loss by the inverse of the label density to the power P, 0..4: the dial between the many and the few.", Yang, _clipped)
        {
            Place = Weighting,
            Parameter = "P",
            Example = "power:0.75",
            Apply = (method, text) => method with { Reweighting = Power(text) },
        },
        new("lds", MethodPartKind.Weights, "Smooths the label density behind the weights, which are those of --reweight unless a weighting is named.", Yang, [new("--reweight", "sqrt-inverse"), .. _clipped, .. _window])
        {
            Apply = (method, _) => method with { SmoothsLabels = true },
        },
        new("denseweight", MethodPartKind.Weights, "Weighs the loss by a kernel density estimate of the labels.", "Steininger et al., Machine Learning 110, 2021", [new("--dense-alpha", "1"), .. _weightRange])
        {
            Place = Weighting,
            Apply = (method, _) => method with { UsesDenseWeight = true },
        },
        new("focal", MethodPartKind.Loss, "Gives the loss of --loss its focal form.", Yang, _focal)
        {
            Place = Loss,
            Apply = (method, _) => method with { UsesFocalLoss = true },
        },
        new("focal-l1", MethodPartKind.Loss, "Focal form of the absolute error: errors count the more the larger they are.", Yang, _focal)
        {
            Place = Loss,
            Apply = (method, _) => method with { Loss = RegressionLossKind.FocalL1 },
        },
        new("focal-mse", MethodPartKind.Loss, "Focal form of the squared error.", Yang, _focal)
        {
            Place = Loss,
            Apply = (method, _) => method with { Loss = RegressionLossKind.FocalMse },
        },
        new("huber", MethodPartKind.Loss, "Squared error below a threshold, absolute error above.", "Huber, Annals of Mathematical Statistics 35, 1964", new MethodOption("--huber-beta", "1"))
        {
            Place = Loss,
            Apply = (method, _) => method with { Loss = RegressionLossKind.Huber },
        },
        new("bmc", MethodPartKind.Loss, "Balanced MSE with the labels of the batch for the label distribution.", Ren, _noise)
        {
            Place = Loss,
            Apply = (method, _) => method with { BalancedMse = BalancedMseKind.BatchMonteCarlo },
        },
        new("bni", MethodPartKind.Loss, "Balanced MSE with the frequencies of the label bins, which lds smooths.", Ren, _noise)
        {
            Place = Loss,
            Apply = (method, _) => method with { BalancedMse = BalancedMseKind.BinNumericalIntegration },
        },
        new("gai", MethodPartKind.Loss, "Balanced MSE with a mixture of Gaussians fitted to the labels.", Ren, [.. _noise, new("--mixture-components", "8")])
        {
            Place = Loss,
            Apply = (method, _) => method with { BalancedMse = BalancedMseKind.GaussianAnalyticIntegration },
        },
        new("distloss", MethodPartKind.Loss, "Dist Loss: beside the loss, the sorted predictions of a batch shall be quantiles of the smoothed label distribution.", "Nie et al., ICLR 2025",
            new MethodOption("--dist-weight", "1"), new MethodOption("--dist-bandwidth", "0.5"))
        {
            Apply = (method, _) => method with { MatchesDistribution = true },
        },
        new("fds", MethodPartKind.Features, "Feature distribution smoothing: whitens and re-colours training features with bin statistics smoothed over neighbouring bins.", Yang,
            [new("--covariance", "diagonal"), new("--fds-kernel", "gaussian"), new("--fds-size", "5"), new("--fds-sigma", "2"), new("--fds-momentum", "0.9"), new("--fds-strength", "1"),
             new("--fds-parts", "both"), new("--fds-mass", "uniform"), new("--fds-clip", "0.1,10"), new("--fds-shrinkage", "estimated"), new("--fds-start", "1"), new("--empty-bins", "exclude")])
        {
            Apply = (method, _) => method with { SmoothsFeatures = true },
        },
        new("ranksim", MethodPartKind.Features, "RankSim: for each row, the others shall be ranked by similarity of features as by closeness of labels.", "Gong et al., ICML 2022",
            new MethodOption("--ranksim-gamma", "0.0003"), new MethodOption("--ranksim-lambda", "2"))
        {
            Place = Ranking,
            Apply = (method, _) => method with { RanksFeatures = true },
        },
        new("rnc", MethodPartKind.Features, "Rank-N-Contrast beside the loss: features shall be closer to those of nearer labels than to those of farther ones.", "Zha et al., NeurIPS 2023",
            new MethodOption("--rnc-weight", "1"), new MethodOption("--rnc-temperature", "2"))
        {
            Place = Ranking,
            Apply = (method, _) => method with { ContrastsFeatures = true },
        },
        new("laplace", MethodPartKind.Head, "Predicts location and scale of a Laplace distribution by its likelihood: a value and its uncertainty.", "Nix and Weigend, ICNN 1994")
        {
            Place = Head,
            Apply = (method, _) => method with { Head = PredictionHeadKind.Laplace },
        },
        new("gaussian", MethodPartKind.Head, "Predicts mean and standard deviation of a normal distribution by its likelihood: a value and its uncertainty.", "Nix and Weigend, ICNN 1994")
        {
            Place = Head,
            Apply = (method, _) => method with { Head = PredictionHeadKind.Gaussian },
        },
        new("uvote", MethodPartKind.Head, "UVOTE: several laplace heads, weighted by rising powers of the inverse label density, which lds smooths, vote with their precisions.", "Jiang et al., GCPR 2024", new MethodOption("--heads", "2"))
        {
            Place = Head,
            Apply = (method, _) => method with { Head = PredictionHeadKind.Vote },
        },
        new("rrt", MethodPartKind.Stages, "Trains a new head on the frozen encoder in a second stage; the weights, sqrt-inverse unless named, count in that stage only.", Yang, new MethodOption("--head-epochs", "a third"))
        {
            Apply = (method, _) => method with { RetrainsHead = true },
        },
        new("ensemble", MethodPartKind.Ensemble, "Trains K networks, 2..32, from seeds of their own and predicts their mean; its uncertainty counts how they differ.", "Lakshminarayanan et al., NeurIPS 2017")
        {
            Parameter = "K",
            Example = "ensemble:5",
            Apply = (method, text) => method with { Networks = NetworksOf(text) },
        },
        new("transport", MethodPartKind.Augmentation, "Moves features, and their labels, between bins by the smoothed bin means, towards rare labels: for models whose loss cannot be weighted.", "this project", [new("--transport-sigma", "3"), new("--transport-momentum", "0"), .. _window])
        {
            Apply = (method, _) => method with { TransportsFeatures = true },
        },
        .. ResamplingMethod.All.Select(Resample),
    ];

    private static MethodPart Resample(ResamplingMethod resampling) => new(resampling.Name, MethodPartKind.Resampling, resampling.Summary, resampling.Source, OptionsOf(resampling.Kind))
    {
        Place = Resampling,
        Apply = (method, _) => method with { Resampling = resampling.Kind },
    };

    private static MethodOption[] OptionsOf(ResamplingKind kind)
    {
        MethodOption threshold = new("--relevance-threshold", "0.8"), neighbors = new("--neighbors", "5");
        return kind switch
        {
            ResamplingKind.GaussianNoise => [threshold, new("--noise", "0.1")],
            ResamplingKind.Smoter => [threshold, neighbors],
            ResamplingKind.Smogn => [threshold, neighbors, new("--smogn-noise", "0.02")],
            ResamplingKind.Wercs => [new("--wercs-added", "0.5"), new("--wercs-left-out", "0.5")],
            _ => [threshold],
        };
    }

    private static int NetworksOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 2 and <= MostNetworks
            ? count
            : throw new ArgumentException($"ensemble:K needs a whole number K in 2..{MostNetworks}");

    private static Reweighting Power(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double p) && p is >= 0 and <= 4
            ? Reweighting.Power(p)
            : throw new ArgumentException("power:P needs a number P in 0..4");
}
