using DirKernels.Data;
using DirKernels.Features;
using DirKernels.Labels;
using DirKernels.Methods;
using DirKernels.Networks;
using DirKernels.Objectives;
using DirKernels.Resampling;

namespace DirKernels.Cli;

/// <summary>What the training options say, before there are data.</summary>
internal sealed record TrainingSettings
{
    /// <summary>Bins, window and weighting of label smoothing.</summary>
    public required LabelSmoothingSettings Labels { get; init; }

    /// <summary>Options of feature smoothing.</summary>
    public required FeatureSmoothingOptions FeatureSmoothing { get; init; }

    /// <summary>Loss, optimiser, epochs and seed.</summary>
    public required TrainingOptions Training { get; init; }

    /// <summary>Widths of the hidden layers.</summary>
    public required IReadOnlyList<int> Hidden { get; init; }

    /// <summary>Function behind the hidden layers.</summary>
    public required Activation Activation { get; init; }

    /// <summary>Batch normalisation in the hidden layers.</summary>
    public required bool BatchNormalization { get; init; }

    /// <summary>Dropout in the hidden layers.</summary>
    public required float Dropout { get; init; }

    /// <summary>alpha of DenseWeight.</summary>
    public required double DenseWeightAlpha { get; init; }

    /// <summary>Range of the weights, or null.</summary>
    public required WeightRange? WeightRange { get; init; }

    /// <summary>Options of Balanced MSE.</summary>
    public required BalancedMseOptions BalancedMse { get; init; }

    /// <summary>Options of Dist Loss.</summary>
    public required DistributionMatchOptions DistributionMatch { get; init; }

    /// <summary>Options of RankSim.</summary>
    public required RankSimOptions RankSim { get; init; }

    /// <summary>Options of Rank-N-Contrast.</summary>
    public required RankNContrastOptions RankNContrast { get; init; }

    /// <summary>Members of a voting head.</summary>
    public required int VoteMembers { get; init; }

    /// <summary>Options of transport.</summary>
    public required TransportOptions Transport { get; init; }

    /// <summary>Options of resampling.</summary>
    public required ResamplingOptions Resampling { get; init; }

    /// <summary>Epochs of the second stage, or null for the default.</summary>
    public required int? HeadEpochs { get; init; }

    /// <summary>What a missing value in the table means.</summary>
    public required MissingValues Missing { get; init; }

    /// <summary>Threads; 0 for one for each processor.</summary>
    public required int Threads { get; init; }

    /// <summary>The options that determine the numbers, by name.</summary>
    public required RunDescription Description { get; init; }

    /// <summary>Seed of split and training.</summary>
    public ulong Seed => Training.Seed;

    /// <summary>The settings of methods over given bins, and a check that the windows of the methods fit them.</summary>
    /// <exception cref="ArgumentException">A window has more taps than there are bins.</exception>
    public MethodSettings For(LabelBins bins, params IReadOnlyCollection<Method> methods)
    {
        ThrowIfTooWide(bins.Count, methods);
        return new MethodSettings
        {
            Bins = bins,
            Hidden = Hidden,
            Activation = Activation,
            BatchNormalization = BatchNormalization,
            Dropout = Dropout,
            Training = Training,
            LabelKernel = Labels.Kernel ?? SmoothingKernel.Default,
            Reweighting = Labels.Reweighting,
            Clip = Labels.Clip,
            Boundary = Labels.Boundary,
            DenseWeightAlpha = DenseWeightAlpha,
            WeightRange = WeightRange,
            BalancedMse = BalancedMse,
            DistributionMatch = DistributionMatch,
            RankSim = RankSim,
            RankNContrast = RankNContrast,
            VoteMembers = VoteMembers,
            Transport = Transport,
            Resampling = Resampling,
            FeatureSmoothing = FeatureSmoothing,
            HeadEpochs = HeadEpochs,
        };
    }

    /// <summary>Throws when a window that one of the methods uses has more taps than there are bins.</summary>
    /// <exception cref="ArgumentException">It has.</exception>
    public void ThrowIfTooWide(int binCount, IReadOnlyCollection<Method> methods)
    {
        if (methods.Any(method => method.SmoothsLabels) && Labels.Kernel is { } kernel && kernel.Size > binCount)
        {
            throw new ArgumentException($"--size: {kernel.Size} taps are more than the {binCount} bins to smooth");
        }

        if (methods.Any(method => method.SmoothsFeatures) && FeatureSmoothing.Kernel.Size > binCount)
        {
            throw new ArgumentException($"--fds-size: {FeatureSmoothing.Kernel.Size} taps are more than the {binCount} bins to smooth");
        }
    }
}
