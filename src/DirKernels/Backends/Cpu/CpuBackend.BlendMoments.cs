namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void BlendMoments(
        DeviceView<float> features,
        DeviceView<int> rows,
        DeviceView<int> offsets,
        BinShape shape,
        DeviceView<long> counts,
        DeviceView<double> means,
        DeviceView<double> scatters,
        BlendWeights weights,
        BinStatistics running)
    {
        int lanes = Math.Min(shape.Bins, MostMomentLanes);
        bool shared = _team.Size > 1 && (rows.Length + shape.Bins) * shape.CovarianceWidth > WorthSharing;
        int* order = stackalloc int[MostMomentLanes];
        bool isSorted = shared && !offsets.IsAbsent;
        if (isSorted)
        {
            SortLanes(Pointer(offsets), shape.Bins, new Span<int>(order, lanes));
        }

        fixed (double* keep = weights.Keep, take = weights.Take, takeScatter = weights.TakeScatter)
        {
            var job = new BlendMomentsJob
            {
                Features = Pointer(features),
                Rows = Pointer(rows),
                Offsets = Pointer(offsets),
                Shape = shape,
                Counts = Pointer(counts),
                Means = Pointer(means),
                Scatters = Pointer(scatters),
                Keep = keep,
                Take = take,
                TakeScatter = takeScatter,
                RunningMeans = Pointer(running.Means),
                RunningCovariances = Pointer(running.Covariances),
                Lanes = lanes,
                Order = isSorted ? order : null,
            };
            _team.Run(ref job, lanes, shared);
        }

        GC.KeepAlive(features.Buffer);
        GC.KeepAlive(rows.Buffer);
        GC.KeepAlive(offsets.Buffer);
        GC.KeepAlive(counts.Buffer);
        GC.KeepAlive(means.Buffer);
        GC.KeepAlive(scatters.Buffer);
        GC.KeepAlive(running.Means.Buffer);
        GC.KeepAlive(running.Covariances.Buffer);
    }

    private unsafe struct BlendMomentsJob : IBlockJob
    {
        public float* Features;
        public int* Rows;
        public int* Offsets;
        public BinShape Shape;
        public long* Counts;
        public double* Means;
        public double* Scatters;
        public double* Keep;
        public double* Take;
        public double* TakeScatter;
        public float* RunningMeans;
        public float* RunningCovariances;
        public int Lanes;
        public int* Order;

        // Moments of a bin that has none before the rows that wait: whole cache lines.
        private readonly long OwnLength => (Shape.Dimensions + (long)Shape.CovarianceWidth + 7) / 8 * 8;

        public readonly void Run(int block)
        {
            double* own = ScratchMemory.Request<double>(OwnLength + (BinMoments.ScratchLength(Shape) + 1) / 2);
            for (int bin = Order == null ? block : Order[block]; bin < Shape.Bins; bin += Lanes)
            {
                int first = Offsets == null ? 0 : Offsets[bin], waiting = Offsets == null ? 0 : Offsets[bin + 1] - first;
                if (waiting + Counts[bin] > 0)
                {
                    RunBin(bin, Rows + first, waiting, own);
                }
            }
        }

        private readonly void RunBin(int bin, int* rows, int waiting, double* own)
        {
            int width = Shape.Dimensions, covarianceWidth = Shape.CovarianceWidth;
            bool isOwn = Counts[bin] == 0;
            double* means = isOwn ? own : Means + (long)bin * width, scatters = isOwn ? own + width : Scatters + (long)bin * covarianceWidth;
            if (isOwn)
            {
                new Span<double>(own, (int)OwnLength).Clear();
            }

            if (waiting > 0)
            {
                BinMoments.Merge(Features, rows, waiting, Shape, Counts[bin], means, scatters, (float*)(own + OwnLength));
            }

            BinBlend.Apply(means, Keep[bin], Take[bin], width, RunningMeans + (long)bin * width);
            BinBlend.Apply(scatters, Keep[bin], TakeScatter[bin], covarianceWidth, RunningCovariances + (long)bin * covarianceWidth);
            if (!isOwn)
            {
                new Span<double>(means, width).Clear();
                new Span<double>(scatters, covarianceWidth).Clear();
                Counts[bin] = 0;
            }
        }
    }
}
