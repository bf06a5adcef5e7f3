namespace DirKernels;

/// <summary>What feature distribution smoothing does about bins without samples.</summary>
public enum EmptyBins
{
    /// <summary>Bins never seen take no part: the kernel is renormalised over the bins that do. The default.</summary>
    Exclude,

    /// <summary>
    /// Each epoch, from left to right, a bin without samples takes the statistics of its neighbours: the first bin those of the second, the last those of
    /// the one before, any other the mean of both; without momentum.
    /// </summary>
    Fill,

    /// <summary>Bins never seen keep mean 0 and variance 1 and take part, as in the published results.</summary>
    Keep,
}
