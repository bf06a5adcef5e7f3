namespace DirKernels.Backends;

/// <summary>The maps that calibrate the features of a batch, as <see cref="IBackend.SolveMaps"/> leaves them; the default is none.</summary>
/// <param name="Shape">B, D, g.</param>
/// <param name="Bins">[n] bin of each row of the batch.</param>
/// <param name="Order">[n] rows of the batch, bin after bin; may be absent for g = 1.</param>
/// <param name="Means">[B x D] running means.</param>
/// <param name="Maps">T [B x D x g].</param>
/// <param name="Shifts">[B x D].</param>
public readonly record struct FeatureCalibration(
    BinShape Shape, DeviceView<int> Bins, DeviceView<int> Order, DeviceView<float> Means, DeviceView<float> Maps, DeviceView<float> Shifts)
{
    /// <summary>Whether features go to the head as they are.</summary>
    public bool IsAbsent => Bins.IsAbsent;
}
