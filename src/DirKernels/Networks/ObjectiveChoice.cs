using DirKernels.Objectives;

namespace DirKernels.Networks;

/// <summary>Makes the loss of whole batches that training options name, in standardised units.</summary>
internal static class ObjectiveChoice
{
    /// <summary>The loss, or null when a formula of one error is all there is.</summary>
    /// <param name="options">Which.</param>
    /// <param name="training">Rows whose labels it may look at.</param>
    /// <param name="scaling">How labels are standardised.</param>
    /// <param name="bins">Bins of the labels.</param>
    /// <param name="capacity">Rows of the largest batch.</param>
    /// <exception cref="ArgumentException">The loss knows one target only, but there are more.</exception>
    public static IPredictionObjective? Create(TrainingOptions options, TrainingSet training, TargetScaling scaling, LabelBins bins, int capacity)
    {
        if (options.BalancedMse is not { } balanced)
        {
            return null;
        }

        if (training.Targets != 1)
        {
            throw new ArgumentException($"balanced mse is a loss of one target, but there are {training.Targets}");
        }

        double mean = scaling.Mean[0], scale = scaling.Scale[0];
        LabelPrior? prior = balanced.Kind switch
        {
            BalancedMseKind.BinNumericalIntegration =>
                LabelPrior.OfBins(training.Labels, bins, balanced.FrequencyWindow, balanced.FrequencyBoundary).Standardized(mean, scale),
            BalancedMseKind.GaussianAnalyticIntegration => GaussianMixture.Fit(training.Labels, balanced.MaximumComponents).Standardized(mean, scale),
            _ => null,
        };
        return new BalancedMse(balanced.Kind, prior, capacity, balanced.Sigma, balanced.LearnsSigma ? balanced.SigmaRate : 0);
    }
}
