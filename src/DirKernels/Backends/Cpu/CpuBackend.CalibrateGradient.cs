using System.Numerics.Tensors;

namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void CalibrateGradient(
        DeviceView<float> dCalibrated, DeviceView<int> bins, DeviceView<int> order, BinShape shape, DeviceView<float> maps, DeviceView<float> dFeatures)
    {
        int lanes = _team.Size * 4;
        var job = new CalibrateGradientJob
        {
            DCalibrated = Pointer(dCalibrated),
            Bins = Pointer(bins),
            Order = Pointer(order),
            Rows = (int)bins.Length,
            Shape = shape,
            Maps = Pointer(maps),
            DFeatures = Pointer(dFeatures),
            RowsPerLane = DivideUp((int)bins.Length, lanes),
            Sums = ScratchMemory.Request<float>((long)lanes * shape.Dimensions),
        };
        _team.Run(ref job, lanes, bins.Length * shape.CovarianceWidth > WorthSharing);
        GC.KeepAlive(dCalibrated.Buffer);
        GC.KeepAlive(bins.Buffer);
        GC.KeepAlive(order.Buffer);
        GC.KeepAlive(maps.Buffer);
        GC.KeepAlive(dFeatures.Buffer);
    }

    private unsafe struct CalibrateGradientJob : IBlockJob
    {
        public float* DCalibrated;
        public int* Bins;
        public int* Order;
        public int Rows;
        public BinShape Shape;
        public float* Maps;
        public float* DFeatures;
        public int RowsPerLane;
        public float* Sums;

        public readonly void Run(int lane)
        {
            int width = Shape.Dimensions;
            var sum = new Span<float>(Sums + (long)lane * width, width);
            int end = (int)Math.Min(Rows, (long)(lane + 1) * RowsPerLane);
            for (int visit = lane * RowsPerLane; visit < end; visit++)
            {
                int i = Order == null ? visit : Order[visit];
                float* gradient = DCalibrated + (long)i * width, result = DFeatures + (long)i * width;
                float* map = Maps + (long)Bins[i] * Shape.CovarianceWidth;
                if (Shape.BlockSize == 1)
                {
                    DiagonalMap.ApplyGradient(gradient, map, result, width);
                }
                else
                {
                    var g = new ReadOnlySpan<float>(gradient, width);
                    g.CopyTo(sum);
                    AddTransposed(map, g, sum);
                    sum.CopyTo(new Span<float>(result, width));
                }
            }
        }

        private readonly void AddTransposed(float* map, ReadOnlySpan<float> g, Span<float> sum)
        {
            for (int i = 0; i < g.Length; i++)
            {
                int start = Shape.BlockStart(i), length = i - start + 1;
                Span<float> target = sum.Slice(start, length);
                TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(map + (long)i * Shape.BlockSize, length), g[i], target, target);
            }
        }
    }
}
