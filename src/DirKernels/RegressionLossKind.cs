namespace DirKernels;

/// <summary>Losses of the error e = prediction - target; formulas at <see cref="RegressionLoss"/>.</summary>
public enum RegressionLossKind
{
    /// <summary>|e|.</summary>
    L1,

    /// <summary>e^2.</summary>
    Mse,

    /// <summary>0.5 e^2/beta below beta, |e| - 0.5 beta above.</summary>
    Huber,

    /// <summary>|e| t^gamma.</summary>
    FocalL1,

    /// <summary>e^2 t^gamma.</summary>
    FocalMse,
}
