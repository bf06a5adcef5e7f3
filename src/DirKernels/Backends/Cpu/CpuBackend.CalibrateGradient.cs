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
            Scratch = ScratchMemory.Request<float>(shape.BlockSize == 1 ? 0 : lanes * BlockScratchLength(shape)),
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
        public float* Scratch;

        public readonly void Run(int lane)
        {
            int width = Shape.Dimensions, end = (int)Math.Min(Rows, (long)(lane + 1) * RowsPerLane);
            if (Shape.BlockSize == 1)
            {
                for (int visit = lane * RowsPerLane; visit < end; visit++)
                {
                    int i = Order == null ? visit : Order[visit];
                    DiagonalMap.ApplyGradient(DCalibrated + (long)i * width, Maps + (long)Bins[i] * width, DFeatures + (long)i * width, width);
                }

                return;
            }

            float* x = Scratch + lane * BlockScratchLength(Shape), scratch = x + (long)TriangularProduct.MostRows * width;
            float** results = stackalloc float*[TriangularProduct.MostRows];
            for (int visit = lane * RowsPerLane; visit < end;)
            {
                int rows = RowsOfOneBin(Bins, Order, visit, end);
                for (int r = 0; r < rows; r++)
                {
                    int i = Order == null ? visit + r : Order[visit + r];
                    results[r] = DFeatures + (long)i * width;
                    var gradient = new ReadOnlySpan<float>(DCalibrated + (long)i * width, width);
                    gradient.CopyTo(new Span<float>(x + (long)r * width, width));
                    gradient.CopyTo(new Span<float>(results[r], width));
                }

                int bin = Bins[Order == null ? visit : Order[visit]];
                TriangularProduct.Add(x, rows, Maps + (long)bin * Shape.CovarianceWidth, Shape, upper: false, results, scratch);
                visit += rows;
            }
        }
    }
}
