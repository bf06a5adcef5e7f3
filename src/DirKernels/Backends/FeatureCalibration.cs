namespace DirKernels.Backends;

/// <summary>What calibrates the features of a batch on their way to the head; the default is nothing.</summary>
/// <param name="Shape">B, D, g.</param>
/// <param name="Bins">[n] bin of each row of the batch. With maps by blocks, g above 1, a step is fastest when rows of a bin follow each other.</param>
/// <param name="Means">[B x D] running means.</param>
/// <param name="Maps">T [B x D x g], as <see cref="IBackend.SolveMaps"/> leaves them; not read, and may be absent, beside a packed calibration.</param>
/// <param name="Shifts">[B x D].</param>
/// <param name="Packed">The three of them as <see cref="IBackend.PackCalibration"/> leaves them; absent where there is nothing to pack.</param>
public readonly record struct FeatureCalibration(
    BinShape Shape, DeviceView<int> Bins, DeviceView<float> Means, DeviceView<float> Maps, DeviceView<float> Shifts, DeviceView<float> Packed)
{
    /// <summary>Whether features go to the head as they are.</summary>
    public bool IsAbsent => Bins.IsAbsent;
}
