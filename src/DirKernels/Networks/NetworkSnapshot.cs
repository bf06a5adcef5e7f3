using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>The numbers of one trained network, on the host.</summary>
/// <param name="Parameters">Parameters, flat, laid out by <see cref="ParameterLayout"/>.</param>
/// <param name="NormalizationStatistics">Running statistics of batch normalisation; empty without it.</param>
/// <param name="Scaling">Scaling of the targets.</param>
public sealed record NetworkSnapshot(float[] Parameters, float[] NormalizationStatistics, TargetScaling Scaling)
{
    /// <summary>A copy on a backend.</summary>
    /// <param name="shape">Sizes and functions.</param>
    /// <param name="backend">Where to.</param>
    /// <exception cref="ArgumentException">The numbers are not as many as the shape has.</exception>
    internal ScaledNetwork Upload(NetworkShape shape, IBackend backend)
    {
        Scaling.ThrowIfNotOf(shape);
        return new ScaledNetwork(new RegressionNetwork(shape, backend, Parameters, NormalizationStatistics), new TargetScaling([.. Scaling.Mean], [.. Scaling.Scale]));
    }
}
