using DirKernels.Labels;
using DirKernels.Objectives;

namespace DirKernels.Networks;

/// <summary>Makes the loss of whole batches that training options name, in standardised units.</summary>
internal static class ObjectiveChoice
{
    /// <summary>The loss, or null when a formula of one error is all there is.</summary>
    /// <param name="options">Which.</param>
    /// <param name="shape">The network, whose head may have a likelihood of its own.</param>
    /// <param name="training">Rows whose labels it may look at.</param>
    /// <param name="scaling">How labels are standardised.</param>
    /// <param name="bins">Bins of the labels.</param>
    /// <param name="capacity">Rows of the largest batch.</param>
    /// <exception cref="ArgumentException">The loss knows one target only, but there are more; or it contradicts the head.</exception>
    public static IPredictionObjective? Create(
        TrainingOptions options, NetworkShape shape, TrainingSet training, TargetScaling scaling, LabelBins bins, int capacity)
    {
        if (!shape.Head.IsValue)
        {
            return options.BalancedMse is null && options.DistributionMatch is null
                ? new LikelihoodLoss(shape.Head, VoteWeights(options, shape.Head, training, bins))
                : throw new ArgumentException($"a {shape.Head} head has a likelihood of its own, which no other loss can replace");
        }

        if (options.BalancedMse is { } balanced)
        {
            ThrowIfSeveralTargets("balanced mse", training);
            return CreateBalancedMse(balanced, training, scaling, bins, capacity);
        }

        if (options.DistributionMatch is { } match)
        {
            ThrowIfSeveralTargets("dist loss", training);
            var distribution = new LabelQuantiles(Array.ConvertAll(training.Labels, label => (label - scaling.Mean[0]) / scaling.Scale[0]), match.Bandwidth);
            return new DistributionMatch(options.Loss, match.Weight, distribution, capacity);
        }

        return null;
    }

    /// <summary>The term of the loss on features, or null.</summary>
    /// <param name="options">Which.</param>
    /// <param name="shape">The network.</param>
    /// <param name="capacity">Rows of the largest batch.</param>
    /// <exception cref="ArgumentException">The network learns no features, or has several targets.</exception>
    public static IFeatureObjective? CreateForFeatures(TrainingOptions options, NetworkShape shape, int capacity)
    {
        if (options.RankSim is null && options.RankNContrast is null)
        {
            return null;
        }

        if (shape.Hidden.Count == 0 || shape.Targets != 1)
        {
            throw new ArgumentException(shape.Hidden.Count == 0
                ? "ranking of features needs a hidden layer: the features of a linear model are its inputs, which do not learn"
                : $"ranking of features goes by one target, but there are {shape.Targets}");
        }

        return options.RankSim is { } sim
            ? new RankSim(sim.Gamma, sim.Lambda, capacity, shape.FeatureDimensions)
            : new RankNContrast(options.RankNContrast!.Weight, options.RankNContrast.Temperature, capacity);
    }

    private static double[]? VoteWeights(TrainingOptions options, PredictionHead head, TrainingSet training, LabelBins bins)
    {
        if (head.Kind != PredictionHeadKind.Vote || options.Vote is not { } vote)
        {
            return null;
        }

        var weights = new double[head.Members * bins.Count];
        for (int k = 0; k < head.Members; k++)
        {
            Reweighting power = Reweighting.Power((double)k / (head.Members - 1));
            LabelDistributionSmoothing.Fit(training.Labels, bins, vote.DensityWindow, power, vote.DensityBoundary).Weights.CopyTo(weights, k * bins.Count);
        }

        return weights;
    }

    private static BalancedMse CreateBalancedMse(BalancedMseOptions options, TrainingSet training, TargetScaling scaling, LabelBins bins, int capacity)
    {
        double mean = scaling.Mean[0], scale = scaling.Scale[0];
        LabelPrior? prior = options.Kind switch
        {
            BalancedMseKind.BinNumericalIntegration =>
                LabelPrior.OfBins(training.Labels, bins, options.FrequencyWindow, options.FrequencyBoundary).Standardized(mean, scale),
            BalancedMseKind.GaussianAnalyticIntegration => GaussianMixture.Fit(training.Labels, options.MaximumComponents).Standardized(mean, scale),
            _ => null,
        };
        return new BalancedMse(options.Kind, prior, capacity, options.Sigma, options.LearnsSigma ? options.SigmaRate : 0);
    }

    private static void ThrowIfSeveralTargets(string loss, TrainingSet training)
    {
        if (training.Targets != 1)
        {
            throw new ArgumentException($"{loss} is a loss of one target, but there are {training.Targets}");
        }
    }
}
