namespace DirKernels.Backends;

/// <summary>What <see cref="IBackend.SolveMaps"/> needs beside the statistics.</summary>
/// <param name="ClipLower">Lower bound of the variance ratio of the diagonal map.</param>
/// <param name="ClipUpper">Upper bound of the variance ratio of the diagonal map.</param>
/// <param name="Strength">a in (0, 1]: z + a (z~ - z).</param>
/// <param name="MeanOnly">Move the mean only, leave the covariance.</param>
/// <param name="Shrinkage">s: share of the diagonal in the covariance before factorisation; not read by the diagonal kind.</param>
/// <param name="EstimateShrinkage">Estimate s for each bin instead, see <see cref="Features.Shrinkage.Estimated"/>.</param>
/// <param name="SampleCounts">[B] samples behind each running covariance, for the estimate.</param>
/// <param name="Treatment">[B] how each bin is treated.</param>
public readonly record struct MapOptions(
    float ClipLower,
    float ClipUpper,
    float Strength,
    bool MeanOnly,
    float Shrinkage,
    bool EstimateShrinkage,
    ReadOnlyMemory<long> SampleCounts,
    ReadOnlyMemory<MapTreatment> Treatment);
