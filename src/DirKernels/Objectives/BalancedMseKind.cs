namespace DirKernels.Objectives;

/// <summary>How Balanced MSE knows the distribution of the training labels; formulas at <see cref="BalancedMse"/>.</summary>
public enum BalancedMseKind
{
    /// <summary>bmc: the labels of the batch stand for it.</summary>
    BatchMonteCarlo,

    /// <summary>bni: frequencies of label bins, at the centres of the bins.</summary>
    BinNumericalIntegration,

    /// <summary>gai: a mixture of Gaussians fitted to the labels.</summary>
    GaussianAnalyticIntegration,
}
