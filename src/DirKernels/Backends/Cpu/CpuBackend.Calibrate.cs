namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <summary>Bytes of a result that would push everything else out of the caches.</summary>
    private const long LargerThanCaches = 16 << 20;

    /// <summary>Elements of per-bin statistics that stay near a core, so that rows are better visited where they lie than bin by bin.</summary>
    private const long NearTheCore = 192 * 1024;

    /// <inheritdoc/>
    public unsafe void Calibrate(
        DeviceView<float> features, DeviceView<int> bins, DeviceView<int> order, BinShape shape, DeviceView<float> means, DeviceView<float> maps, DeviceView<float> shifts, DeviceView<float> calibrated)
    {
        CalibrateRows(
            Pointer(features), Pointer(bins), Pointer(order), (int)bins.Length, shape, Pointer(means), Pointer(maps), Pointer(shifts), Pointer(calibrated));
        GC.KeepAlive(features.Buffer);
        GC.KeepAlive(bins.Buffer);
        GC.KeepAlive(order.Buffer);
        GC.KeepAlive(means.Buffer);
        GC.KeepAlive(maps.Buffer);
        GC.KeepAlive(shifts.Buffer);
        GC.KeepAlive(calibrated.Buffer);
    }

    private unsafe void CalibrateRows(float* features, int* bins, int* order, int rows, BinShape shape, float* means, float* maps, float* shifts, float* calibrated)
    {
        int lanes = _team.Size == 1 ? 1 : _team.Size * 8;
        bool visitInPlace = shape.BlockSize == 1 && 3L * shape.Bins * shape.Dimensions <= NearTheCore;
        var job = new CalibrateJob
        {
            Features = features,
            Bins = bins,
            Order = visitInPlace ? null : order,
            Rows = rows,
            Shape = shape,
            Means = means,
            Maps = maps,
            Shifts = shifts,
            Calibrated = calibrated,
            Around = (long)rows * shape.Dimensions * sizeof(float) >= LargerThanCaches && features != calibrated,
            RowsPerLane = DivideUp(rows, lanes),
        };
        _team.Run(ref job, lanes, (long)rows * shape.CovarianceWidth > WorthSharing);
        FinishStoresAround(job.Around);
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

        public readonly void Run(int lane)
        {
            int first = (int)Math.Min(Rows, (long)lane * RowsPerLane), end = (int)Math.Min(Rows, (long)(lane + 1) * RowsPerLane);
            if (Shape.BlockSize == 1)
            {
                RunDiagonal(first, end);
            }
            else
            {
                RunBlocks(first, end);
            }
        }

        private readonly void RunDiagonal(int first, int end)
        {
            // In place the next rows follow; bin by bin they lie anywhere.
            const int Distance = 1024;
            int width = Shape.Dimensions, rowsAhead = CacheLine.RowsAhead(width);
            for (int visit = first; visit < end; visit++)
            {
                int i = Order == null ? visit : Order[visit];
                long at = (long)Bins[i] * width, row = (long)i * width;
                float* ahead = Order == null ? Features + row + Distance : Features + (long)Order[Math.Min(visit + rowsAhead, end - 1)] * width;
                DiagonalMap.Apply(Features + row, Means + at, Maps + at, Shifts + at, Calibrated + row, width, Around, ahead);
            }
        }

        private readonly void RunBlocks(int first, int end)
        {
            int width = Shape.Dimensions;
            bool staysPacked = TriangularProduct.StaysPacked(Shape);
            long packedLength = staysPacked ? TriangularProduct.PackedLength(Shape) : 0;

            // Rows of any width come last, so that panels are aligned.
            float* scratch = ScratchMemory.Request<float>(TriangularProduct.ScratchLength(Shape) + packedLength + TriangularProduct.MostRows * (long)width);
            float* packed = scratch + TriangularProduct.ScratchLength(Shape), x = packed + packedLength;
            float** sources = stackalloc float*[2 * TriangularProduct.MostRows], results = sources + TriangularProduct.MostRows;
            for (int visit = first; visit < end;)
            {
                int ofBin = RowsOfOneBin(Bins, Order, visit, end, staysPacked ? int.MaxValue : TriangularProduct.MostRows), bin = Bins[Order == null ? visit : Order[visit]], rows = ofBin;
                float* means = Means + (long)bin * width, map = Maps + (long)bin * Shape.CovarianceWidth, shift = Shifts + (long)bin * width;
                bool isPacked = staysPacked && ofBin >= TriangularProduct.PackingRows;
                if (isPacked)
                {
                    TriangularProduct.Pack(map, Shape, packed);
                    rows = TriangularProduct.RowsAtATime(Shape);
                }

                for (int endOfBin = visit + ofBin; visit < endOfBin; visit += rows)
                {
                    rows = Math.Min(rows, endOfBin - visit);
                    for (int r = 0; r < rows; r++)
                    {
                        sources[r] = Row(Features, visit + r);
                        results[r] = Row(Calibrated, visit + r);
                        float* ahead = Row(Features, Math.Min(visit + r + CacheLine.RowsAhead(width), end - 1));
                        DiagonalMap.Center(sources[r], means, x + (long)r * width, width, ahead, Around ? null : results[r]);
                    }

                    if (isPacked)
                    {
                        TriangularProduct.AddPacked(x, rows, packed, Shape, sources, shift, results, Around, scratch);
                    }
                    else
                    {
                        TriangularProduct.Add(x, rows, map, Shape, upper: true, sources, shift, results, Around, scratch);
                    }
                }
            }
        }

        private readonly float* Row(float* matrix, int visit) => matrix + (long)(Order == null ? visit : Order[visit]) * Shape.Dimensions;
    }

    /// <summary>How many of the next rows to visit share a bin, at most some; where two products are needed for the rest of a bin, half of it each.</summary>
    private static unsafe int RowsOfOneBin(int* bins, int* order, int visit, int end, int most)
    {
        int bin = bins[order == null ? visit : order[visit]], count = 1;
        while (count <= 2L * most && visit + count < end && bins[order == null ? visit + count : order[visit + count]] == bin)
        {
            count++;
        }

        return count <= most ? count : count <= 2L * most ? DivideUp(DivideUp(count, 2), MatrixProduct.TileRows) * MatrixProduct.TileRows : most;
    }
}
