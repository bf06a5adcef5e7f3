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
            Scratch = ScratchMemory.Request<float>(shape.BlockSize == 1 ? 0 : lanes * BlockScratchLength(shape)),
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
        public float* Scratch;

        public readonly void Run(int lane)
        {
            int width = Shape.Dimensions, end = (int)Math.Min(Rows, (long)(lane + 1) * RowsPerLane);
            if (Shape.BlockSize == 1)
            {
                for (int visit = lane * RowsPerLane; visit < end; visit++)
                {
                    int i = Order == null ? visit : Order[visit];
                    long at = (long)Bins[i] * width, row = (long)i * width;
                    DiagonalMap.Apply(Features + row, Means + at, Maps + at, Shifts + at, Calibrated + row, width, Around);
                }

                return;
            }

            float* x = Scratch + lane * BlockScratchLength(Shape), scratch = x + (long)TriangularProduct.MostRows * width;
            float** results = stackalloc float*[TriangularProduct.MostRows];
            for (int visit = lane * RowsPerLane; visit < end;)
            {
                int rows = RowsOfOneBin(Bins, Order, visit, end), bin = Bins[Order == null ? visit : Order[visit]];
                var mean = new ReadOnlySpan<float>(Means + (long)bin * width, width);
                var shift = new ReadOnlySpan<float>(Shifts + (long)bin * width, width);
                for (int r = 0; r < rows; r++)
                {
                    int i = Order == null ? visit + r : Order[visit + r];
                    results[r] = Calibrated + (long)i * width;
                    var z = new ReadOnlySpan<float>(Features + (long)i * width, width);
                    TensorPrimitives.Subtract(z, mean, new Span<float>(x + (long)r * width, width));
                    TensorPrimitives.Add(z, shift, new Span<float>(results[r], width));
                }

                TriangularProduct.Add(x, rows, Maps + (long)bin * Shape.CovarianceWidth, Shape, upper: true, results, scratch);
                visit += rows;
            }
        }
    }

    private static long BlockScratchLength(BinShape shape) => TriangularProduct.MostRows * (long)shape.Dimensions + TriangularProduct.ScratchLength(shape);

    /// <summary>How many of the next rows to visit share a bin, at most as many as one product takes.</summary>
    private static unsafe int RowsOfOneBin(int* bins, int* order, int visit, int end)
    {
        int bin = bins[order == null ? visit : order[visit]], count = 1;
        while (count < TriangularProduct.MostRows && visit + count < end && bins[order == null ? visit + count : order[visit + count]] == bin)
        {
            count++;
        }

        return count;
    }
}
