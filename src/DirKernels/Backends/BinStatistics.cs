namespace DirKernels.Backends;

/// <summary>Means and covariances of all bins on a device.</summary>
/// <param name="Means">[B x D].</param>
/// <param name="Covariances">[B x D x g], lower triangles of the blocks.</param>
public readonly record struct BinStatistics(DeviceView<float> Means, DeviceView<float> Covariances);
