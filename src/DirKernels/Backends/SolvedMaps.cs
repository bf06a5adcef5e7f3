namespace DirKernels.Backends;

/// <summary>Where <see cref="IBackend.SolveMaps"/> leaves what it finds.</summary>
/// <param name="Maps">T [B x D x g]: lower triangles of the blocks, zeros above; absent when only the packed ones are wanted.</param>
/// <param name="Shifts">[B x D].</param>
/// <param name="Packed">The calibration as <see cref="IBackend.PackCalibration"/> leaves it; absent when it is not wanted, or there is nothing to pack.</param>
public readonly record struct SolvedMaps(DeviceView<float> Maps, DeviceView<float> Shifts, DeviceView<float> Packed = default);
