using DirKernels.Labels;
using DirKernels.Networks;
using DirKernels.Objectives;

namespace DirKernels.Methods;

/// <summary>A method applied to settings and training labels: the weights of the rows and the options of the training run.</summary>
public sealed record MethodPlan
{
    private MethodPlan()
    {
    }

    /// <summary>The method.</summary>
    public required Method Method { get; init; }

    /// <summary>Options of the run.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>[N] weights of the rows; null for all 1.</summary>
    public required float[]? Weights { get; init; }

    /// <summary>[N] weights of the rows in the second stage; null for all 1.</summary>
    public required float[]? HeadWeights { get; init; }

    /// <summary>Plans a run.</summary>
    /// <param name="method">The method.</param>
    /// <param name="settings">Settings.</param>
    /// <param name="labels">[N] labels of the rows that are trained on (of a method that resamples: the resampled ones), first target.</param>
    /// <exception cref="InvalidDataException">A label is not finite.</exception>
    public static MethodPlan Create(Method method, MethodSettings settings, ReadOnlySpan<double> labels)
    {
        float[]? weights = WeightsOf(method, settings, labels);
        TrainingOptions training = settings.Training;
        return new MethodPlan
        {
            Method = method,
            Weights = method.RetrainsHead ? null : weights,
            HeadWeights = method.RetrainsHead ? weights : null,
            Options = training with
            {
                FeatureSmoothing = method.SmoothsFeatures ? settings.FeatureSmoothing : null,
                HeadEpochs = method.RetrainsHead ? settings.HeadEpochs ?? (training.Epochs + 2) / 3 : 0,
                Loss = LossOf(method, training.Loss),
                BalancedMse = method.BalancedMse is { } kind ? BalancedMseOf(kind, method, settings) : null,
                DistributionMatch = method.MatchesDistribution ? settings.DistributionMatch : null,
                Vote = method.Head == PredictionHeadKind.Vote
                    ? new VoteOptions { DensityWindow = method.SmoothsLabels ? settings.LabelKernel : null, DensityBoundary = settings.Boundary }
                    : null,
                Transport = method.TransportsFeatures
                    ? settings.Transport with
                    {
                        DensityWindow = settings.LabelKernel.Size <= settings.Bins.Count ? settings.LabelKernel : null,
                        DensityBoundary = settings.Boundary,
                    }
                    : null,
                RankSim = method.RanksFeatures ? settings.RankSim : null,
                RankNContrast = method.ContrastsFeatures ? settings.RankNContrast : null,
            },
        };
    }

    /// <summary>The network of the settings for given inputs.</summary>
    public static NetworkShape ShapeOf(MethodSettings settings, int inputs, int targets = 1) => new()
    {
        Inputs = inputs,
        Hidden = settings.Hidden,
        Targets = targets,
        Activation = settings.Activation,
        BatchNormalization = settings.BatchNormalization,
        Dropout = settings.Dropout,
    };

    /// <summary>The network of the settings for given inputs, with the head that the method names.</summary>
    public static NetworkShape ShapeOf(Method method, MethodSettings settings, int inputs, int targets = 1) => ShapeOf(settings, inputs, targets) with
    {
        Head = method.Head == PredictionHeadKind.Vote ? PredictionHead.Vote(settings.VoteMembers) : new PredictionHead(method.Head),
    };

    private static RegressionLoss LossOf(Method method, RegressionLoss loss)
    {
        if (method.Loss is { } kind)
        {
            return loss with { Kind = kind };
        }

        return method.UsesFocalLoss
            ? loss with { Kind = loss.Kind is RegressionLossKind.Mse or RegressionLossKind.FocalMse ? RegressionLossKind.FocalMse : RegressionLossKind.FocalL1 }
            : loss;
    }

    private static BalancedMseOptions BalancedMseOf(BalancedMseKind kind, Method method, MethodSettings settings) => settings.BalancedMse with
    {
        Kind = kind,
        FrequencyWindow = method.SmoothsLabels && kind == BalancedMseKind.BinNumericalIntegration ? settings.LabelKernel : null,
        FrequencyBoundary = settings.Boundary,
    };

    private static float[]? WeightsOf(Method method, MethodSettings settings, ReadOnlySpan<double> labels)
    {
        float[]? weights = DensityWeightsOf(method, settings, labels);
        if (weights is not null && settings.WeightRange is { } range)
        {
            range.Apply(weights);
        }

        return weights;
    }

    private static float[]? DensityWeightsOf(Method method, MethodSettings settings, ReadOnlySpan<double> labels)
    {
        if (method.UsesDenseWeight)
        {
            return DenseWeight.Fit(labels, settings.DenseWeightAlpha).Assign(labels);
        }

        // Densities that bni and uvote read are smoothed by lds, which then names no weights of its own.
        bool isSmoothing = method.SmoothsLabels && method.BalancedMse != BalancedMseKind.BinNumericalIntegration && method.Head != PredictionHeadKind.Vote;
        if (method.Reweighting is null && !isSmoothing && !method.RetrainsHead)
        {
            return null;
        }

        Reweighting reweighting = method.Reweighting ?? settings.Reweighting;
        if (settings.Clip is { } clip)
        {
            reweighting = reweighting.WithClip(clip.Lower, clip.Upper);
        }

        SmoothingKernel? kernel = method.SmoothsLabels ? settings.LabelKernel : null;
        var weights = new float[labels.Length];
        LabelDistributionSmoothing.Fit(labels, settings.Bins, kernel, reweighting, settings.Boundary).Assign(settings.Bins.Assign(labels), weights);
        return weights;
    }
}
