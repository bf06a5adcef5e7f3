using System.Numerics.Tensors;

namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <summary>Bytes of a result that would push everything else out of the caches.</summary>
    private const long LargerThanCaches = 16 << 20;

    /// <inheritdoc/>
    public unsafe void Calibrate(
        DeviceView<float> features, DeviceView<int> bins, DeviceView<int> order, BinShape shape, DeviceView<float> means, DeviceView<float> maps, DeviceView<float> shifts, DeviceView<float> calibrated)
    {
        int lanes = _team.Size * 4;
        var job = new CalibrateJob
        {
            Features = Pointer(features),
            Bins = Pointer(bins),
            Order = Pointer(order),
            Rows = (int)bins.Length,
            Shape = shape,
            Means = Pointer(means),
            Maps = Pointer(maps),
            Shifts = Pointer(shifts),
            Calibrated = Pointer(calibrated),
            Around = features.Length * sizeof(float) >= LargerThanCaches && Pointer(features) != Pointer(calibrated),
            RowsPerLane = DivideUp((int)bins.Length, lanes),
            Centred = ScratchMemory.Request<float>((long)lanes * shape.Dimensions),
        };
        _team.Run(ref job, lanes, bins.Length * shape.CovarianceWidth > WorthSharing);
        GC.KeepAlive(features.Buffer);
        GC.KeepAlive(bins.Buffer);
        GC.KeepAlive(order.Buffer);
        GC.KeepAlive(means.Buffer);
        GC.KeepAlive(maps.Buffer);
        GC.KeepAlive(shifts.Buffer);
        GC.KeepAlive(calibrated.Buffer);
    }

    private unsafe struct CalibrateJob : IBlockJob
    {
        public float* Features;
        public int* Bins;
        public int* Order;
        public int Rows;
        public BinShape Shape;
        public float* Means;
        public float* Maps;
        public float* Shifts;
        public float* Calibrated;
        public bool Around;
        public int RowsPerLane;
        public float* Centred;

        public readonly void Run(int lane)
        {
            int width = Shape.Dimensions;
            float* centred = Centred + (long)lane * width;
            int end = (int)Math.Min(Rows, (long)(lane + 1) * RowsPerLane);
            for (int visit = lane * RowsPerLane; visit < end; visit++)
            {
                int i = Order == null ? visit : Order[visit];
                long bin = Bins[i];
                float* z = Features + (long)i * width, mean = Means + bin * width, shift = Shifts + bin * width, result = Calibrated + (long)i * width;
                float* map = Maps + bin * Shape.CovarianceWidth;
                if (Shape.BlockSize == 1)
                {
                    DiagonalMap.Apply(z, mean, map, shift, result, width, Around);
                }
                else
                {
                    var from = new ReadOnlySpan<float>(z, width);
                    var difference = new Span<float>(centred, width);
                    var to = new Span<float>(result, width);
                    TensorPrimitives.Subtract(from, new ReadOnlySpan<float>(mean, width), difference);
                    TensorPrimitives.Add(from, new ReadOnlySpan<float>(shift, width), to);
                    AddMapped(map, difference, to);
                }
            }
        }

        private readonly void AddMapped(float* map, ReadOnlySpan<float> centred, Span<float> result)
        {
            for (int i = 0; i < result.Length; i++)
            {
                int start = Shape.BlockStart(i), length = i - start + 1;
                result[i] += TensorPrimitives.Dot(new ReadOnlySpan<float>(map + (long)i * Shape.BlockSize, length), centred.Slice(start, length));
            }
        }
    }
}
