namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void CalibrateGradient(
        DeviceView<float> dCalibrated, DeviceView<int> bins, DeviceView<int> order, BinShape shape, DeviceView<float> maps, DeviceView<float> dFeatures)
    {
        CalibrateGradientRows(Pointer(dCalibrated), Pointer(bins), Pointer(order), (int)bins.Length, shape, Pointer(maps), Pointer(dFeatures));
        GC.KeepAlive(dCalibrated.Buffer);
        GC.KeepAlive(bins.Buffer);
        GC.KeepAlive(order.Buffer);
        GC.KeepAlive(maps.Buffer);
        GC.KeepAlive(dFeatures.Buffer);
    }

    private unsafe void CalibrateGradientRows(float* dCalibrated, int* bins, int* order, int rows, BinShape shape, float* maps, float* dFeatures)
    {
        int lanes = _team.Size == 1 ? 1 : _team.Size * 8;
        var job = new CalibrateGradientJob
        {
            DCalibrated = dCalibrated,
            Bins = bins,
            Order = shape.BlockSize == 1 ? null : order,
            Rows = rows,
            Shape = shape,
            Maps = maps,
            DFeatures = dFeatures,
            RowsPerLane = DivideUp(rows, lanes),
        };
        _team.Run(ref job, lanes, (long)rows * shape.CovarianceWidth > WorthSharing);
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

        public readonly void Run(int lane)
        {
            int width = Shape.Dimensions, first = (int)Math.Min(Rows, (long)lane * RowsPerLane), end = (int)Math.Min(Rows, (long)(lane + 1) * RowsPerLane);
            if (Shape.BlockSize == 1)
            {
                for (int i = first; i < end; i++)
                {
                    DiagonalMap.ApplyGradient(DCalibrated + (long)i * width, Maps + (long)Bins[i] * width, DFeatures + (long)i * width, width);
                }

                return;
            }

            // Rows of any width come last, so that panels are aligned.
            float* scratch = ScratchMemory.Request<float>(TriangularProduct.ScratchLength(Shape) + TriangularProduct.MostRows * (long)width);
            float* x = scratch + TriangularProduct.ScratchLength(Shape);
            float** sources = stackalloc float*[2 * TriangularProduct.MostRows], results = sources + TriangularProduct.MostRows;
            for (int visit = first; visit < end;)
            {
                int rows = RowsOfOneBin(Bins, Order, visit, end, TriangularProduct.MostRows), bin = Bins[Order == null ? visit : Order[visit]];
                for (int r = 0; r < rows; r++)
                {
                    sources[r] = Row(DCalibrated, visit + r);
                    results[r] = Row(DFeatures, visit + r);
                    new ReadOnlySpan<float>(sources[r], width).CopyTo(new Span<float>(x + (long)r * width, width));
                }

                float* map = Maps + (long)bin * Shape.CovarianceWidth;
                TriangularProduct.Add(x, rows, map, Shape, upper: false, sources, null, results, around: false, scratch);
                visit += rows;
            }
        }

        private readonly float* Row(float* matrix, int visit) => matrix + (long)(Order == null ? visit : Order[visit]) * Shape.Dimensions;
    }
}
