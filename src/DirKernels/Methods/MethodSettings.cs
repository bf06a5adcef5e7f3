using DirKernels.Features;
using DirKernels.Labels;
using DirKernels.Metrics;
using DirKernels.Networks;
using DirKernels.Objectives;
using DirKernels.Resampling;

namespace DirKernels.Methods;

/// <summary>Everything that methods are trained with and that does not depend on the method.</summary>
public sealed record MethodSettings
{
    /// <summary>Label bins of weights, feature statistics and evaluation.</summary>
    public required LabelBins Bins { get; init; }

    /// <summary>Widths of the hidden layers.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [128, 64];

    /// <summary>Function behind the hidden layers.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Batch normalisation in the hidden layers.</summary>
    public bool BatchNormalization { get; init; }

    /// <summary>Dropout in the hidden layers.</summary>
    public float Dropout { get; init; }

    /// <summary>Training options; the method sets feature smoothing, loss form and head epochs.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>Window of label distribution smoothing.</summary>
    public SmoothingKernel LabelKernel { get; init; } = SmoothingKernel.Default;

    /// <summary>Weighting of <c>lds</c> and <c>rrt</c> when the method names none.</summary>
    public Reweighting Reweighting { get; init; } = Reweighting.SqrtInverse;

    /// <summary>Clip of the counts of all weightings; null leaves each its own.</summary>
    public (double Lower, double Upper)? Clip { get; init; }

    /// <summary>Range that the weights of all weightings are kept in; null leaves them as they come.</summary>
    public WeightRange? WeightRange { get; init; }

    /// <summary>Boundary of label distribution smoothing.</summary>
    public Boundary Boundary { get; init; } = Boundary.Zero;

    /// <summary>alpha of DenseWeight.</summary>
    public double DenseWeightAlpha { get; init; } = 1;

    /// <summary>Noise and mixture of Balanced MSE; the method sets the kind and the window of the frequencies.</summary>
    public BalancedMseOptions BalancedMse { get; init; } = new();

    /// <summary>Weight and smoothing of Dist Loss.</summary>
    public DistributionMatchOptions DistributionMatch { get; init; } = new();

    /// <summary>Weight and step of RankSim.</summary>
    public RankSimOptions RankSim { get; init; } = new();

    /// <summary>Weight and temperature of Rank-N-Contrast.</summary>
    public RankNContrastOptions RankNContrast { get; init; } = new();

    /// <summary>Members of the head of <c>uvote</c>.</summary>
    public int VoteMembers { get; init; } = 2;

    /// <summary>Options of feature distribution smoothing.</summary>
    public FeatureSmoothingOptions FeatureSmoothing { get; init; } = new();

    /// <summary>Smoothing of the bin means of <c>transport</c>; the window of the density is <see cref="LabelKernel"/>, or none when that has more taps than there are bins.</summary>
    public TransportOptions Transport { get; init; } = new();

    /// <summary>Epochs of the second stage of <c>rrt</c>; null means a third of the epochs.</summary>
    public int? HeadEpochs { get; init; }

    /// <summary>Threshold, neighbours and noise of methods that resample.</summary>
    public ResamplingOptions Resampling { get; init; } = new();

    /// <summary>Many-, medium- or few-shot region of each of the B bins in the evaluation where a benchmark prescribes it; null to go by training counts.</summary>
    public IReadOnlyList<ShotRegion>? Regions { get; init; }
}
