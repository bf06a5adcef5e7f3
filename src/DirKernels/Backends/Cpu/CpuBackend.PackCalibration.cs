namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public long PackedCalibrationLength(BinShape shape) => shape.BlockSize == 1 ? 0 : shape.Bins * PackedCalibration.LengthOfBin(shape);

    /// <inheritdoc/>
    public unsafe void PackCalibration(BinShape shape, DeviceView<float> means, DeviceView<float> maps, DeviceView<float> shifts, DeviceView<float> packed)
    {
        var job = new PackCalibrationJob { Shape = shape, Means = Pointer(means), Maps = Pointer(maps), Shifts = Pointer(shifts), Packed = Pointer(packed) };
        _team.Run(ref job, shape.Bins, maps.Length > WorthSharing);
        GC.KeepAlive(means.Buffer);
        GC.KeepAlive(maps.Buffer);
        GC.KeepAlive(shifts.Buffer);
        GC.KeepAlive(packed.Buffer);
    }

    private unsafe struct PackCalibrationJob : IBlockJob
    {
        public BinShape Shape;
        public float* Means;
        public float* Maps;
        public float* Shifts;
        public float* Packed;

        public readonly void Run(int bin)
        {
            long at = (long)bin * Shape.Dimensions;
            PackedCalibration.Pack(Shape, Means + at, Maps + (long)bin * Shape.CovarianceWidth, Shifts + at, Packed + bin * PackedCalibration.LengthOfBin(Shape));
        }
    }
}
