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
        bool shared = _team.Size > 1 && (rows.Length + shape.Bins) * shape.CovarianceWidth > WorthSharing;
        int* order = stackalloc int[MostMomentLanes];
        fixed (double* keep = weights.Keep, take = weights.Take, takeScatter = weights.TakeScatter)
        {
            var job = new BlendMomentsJob
            {
                Epoch = DescribeMoments(features, rows, offsets, shape, counts, means, scatters, shared ? order : null),
                Keep = keep,
                Take = take,
                TakeScatter = takeScatter,
                RunningMeans = Pointer(running.Means),
                RunningCovariances = Pointer(running.Covariances),
            };
            _team.Run(ref job, job.Epoch.Lanes, shared);
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
        public AccumulateMomentsJob Epoch;
        public double* Keep;
        public double* Take;
        public double* TakeScatter;
        public float* RunningMeans;
        public float* RunningCovariances;

        // Moments of a bin that has none before the rows that wait: whole cache lines.
        private readonly long OwnLength => (Epoch.Shape.Dimensions + (long)Epoch.Shape.CovarianceWidth + 7) / 8 * 8;

        public readonly void Run(int block)
        {
            double* own = ScratchMemory.Request<double>(OwnLength + (BinMoments.ScratchLength(Epoch.Shape) + 1) / 2);
            for (int bin = Epoch.Order == null ? block : Epoch.Order[block]; bin < Epoch.Shape.Bins; bin += Epoch.Lanes)
            {
                int first = Epoch.Offsets == null ? 0 : Epoch.Offsets[bin], waiting = Epoch.Offsets == null ? 0 : Epoch.Offsets[bin + 1] - first;
                if (waiting + Epoch.Counts[bin] > 0)
                {
                    RunBin(bin, Epoch.Rows + first, waiting, own);
                }
            }
        }

        private readonly void RunBin(int bin, int* rows, int waiting, double* own)
        {
            BinShape shape = Epoch.Shape;
            int width = shape.Dimensions, covarianceWidth = shape.CovarianceWidth;
            long before = Epoch.Counts[bin];
            bool isOwn = before == 0, keepsAll = Keep[bin] == 1 && TakeScatter[bin] == 0;
            double* means = isOwn ? own : Epoch.Means + (long)bin * width, scatters = isOwn ? own + width : Epoch.Scatters + (long)bin * covarianceWidth;
            float* runningCovariances = RunningCovariances + (long)bin * covarianceWidth, scratch = (float*)(own + OwnLength);
            if (waiting > 0 && shape.BlockSize > 1 && !keepsAll)
            {
                BlockMoments.Blend(Epoch.Features, rows, waiting, shape, before, means, scatters, scratch, new CovarianceBlend(runningCovariances, Keep[bin], TakeScatter[bin]));
            }
            else
            {
                if (isOwn)
                {
                    new Span<double>(own, (int)OwnLength).Clear();
                }

                if (waiting > 0)
                {
                    BinMoments.Merge(Epoch.Features, rows, waiting, shape, before, means, scatters, scratch);
                }

                BinBlend.Apply(scatters, Keep[bin], TakeScatter[bin], covarianceWidth, runningCovariances);
            }

            BinBlend.Apply(means, Keep[bin], Take[bin], width, RunningMeans + (long)bin * width);
            if (!isOwn)
            {
                new Span<double>(means, width).Clear();
                new Span<double>(scatters, covarianceWidth).Clear();
                Epoch.Counts[bin] = 0;
            }
        }
    }
}
