namespace DirKernels.Backends;

/// <summary>How an epoch's moments move running statistics, bin by bin: <c>running = keep running + take epoch</c>.</summary>
/// <param name="binCount">B.</param>
public sealed class BlendWeights(int binCount)
{
    /// <summary>[B] share of the running statistics that is kept; 1 where nothing is taken, 0 where they are overwritten.</summary>
    public double[] Keep { get; } = new double[binCount];

    /// <summary>[B] factor of an epoch's means.</summary>
    public double[] Take { get; } = new double[binCount];

    /// <summary>[B] factor of an epoch's scatters, their divisor included.</summary>
    public double[] TakeScatter { get; } = new double[binCount];
}
