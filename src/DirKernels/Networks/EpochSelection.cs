namespace DirKernels.Networks;

/// <summary>Which validation error chooses the best epoch.</summary>
public enum EpochSelection
{
    /// <summary>Mean absolute error over the rows.</summary>
    Mae,

    /// <summary>Balanced mean absolute error: mean over non-empty bins of the bin's mean absolute error.</summary>
    BalancedMae,

    /// <summary>Mean squared error over the rows.</summary>
    Mse,
}
