namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void SolveMaps(
        in MapOptions mapping, BinShape shape, BinStatistics running, BinStatistics smoothed, DeviceView<float> maps, DeviceView<float> shifts, Span<MapOutcome> outcomes)
    {
        long scratchElements = 2 * TriangularFactor.MatrixElements(shape.BlockSize) + TriangularFactor.WorkElements(shape.BlockSize) + (shape.BlockSize + 63) / 64 * 8;
        fixed (long* counts = mapping.SampleCounts.Span)
        fixed (MapTreatment* treatment = mapping.Treatment.Span)
        fixed (MapOutcome* outcome = outcomes)
        {
            var job = new SolveMapsJob
            {
                Options = mapping,
                Shape = shape,
                SampleCounts = counts,
                Treatment = treatment,
                RunningMeans = Pointer(running.Means),
                RunningCovariances = Pointer(running.Covariances),
                SmoothedMeans = Pointer(smoothed.Means),
                SmoothedCovariances = Pointer(smoothed.Covariances),
                Maps = Pointer(maps),
                Shifts = Pointer(shifts),
                Outcomes = outcome,
                ScratchElements = scratchElements,
            };
            _team.Run(ref job, shape.Bins, (long)shape.Bins * shape.BlockSize * shape.BlockSize * shape.Dimensions > WorthSharing);
        }

        GC.KeepAlive(running.Means.Buffer);
        GC.KeepAlive(running.Covariances.Buffer);
        GC.KeepAlive(smoothed.Means.Buffer);
        GC.KeepAlive(smoothed.Covariances.Buffer);
        GC.KeepAlive(maps.Buffer);
        GC.KeepAlive(shifts.Buffer);
    }

    private unsafe struct SolveMapsJob : IBlockJob
    {
        /// <summary>A bin whose variances sum to less has nothing to whiten.</summary>
        private const double SmallestTotalVariance = 1e-10;

        public MapOptions Options;
        public BinShape Shape;
        public long* SampleCounts;
        public MapTreatment* Treatment;
        public float* RunningMeans;
        public float* RunningCovariances;
        public float* SmoothedMeans;
        public float* SmoothedCovariances;
        public float* Maps;
        public float* Shifts;
        public MapOutcome* Outcomes;
        public long ScratchElements;

        // Bins take different times: those with few rows, or none, are diagonal.
        public readonly void Run(int bin) => Outcomes[bin] = Solve(bin, ScratchMemory.Request<double>(ScratchElements));

        private static float Variance(float* covariance, int dimension, int blockSize) =>
            covariance[(long)dimension * blockSize + dimension % blockSize];

        private readonly MapOutcome Solve(int bin, double* scratch)
        {
            int width = Shape.Dimensions;
            float* covariance = RunningCovariances + (long)bin * Shape.CovarianceWidth;
            float* map = Maps + (long)bin * Shape.CovarianceWidth;
            float* shift = Shifts + (long)bin * width;
            new Span<float>(shift, width).Clear();
            if (Treatment[bin] == MapTreatment.Identity || (!Options.MeanOnly && TotalVariance(covariance) < SmallestTotalVariance))
            {
                new Span<float>(map, Shape.CovarianceWidth).Clear();
                return MapOutcome.Identity;
            }

            for (int i = 0; i < width; i++)
            {
                // A dimension without variance passes through, mean and all.
                if (Options.MeanOnly || Variance(covariance, i, Shape.BlockSize) > 0)
                {
                    long at = (long)bin * width + i;
                    shift[i] = Options.Strength * (SmoothedMeans[at] - RunningMeans[at]);
                }
            }

            if (Options.MeanOnly)
            {
                new Span<float>(map, Shape.CovarianceWidth).Clear();
                return MapOutcome.Mapped;
            }

            if (Shape.BlockSize == 1 || Treatment[bin] == MapTreatment.Diagonal)
            {
                SolveDiagonal(bin, map);
                return Shape.BlockSize == 1 ? MapOutcome.Mapped : MapOutcome.TooFewSamples;
            }

            MapOutcome outcome = SolveBlocks(bin, map, scratch);
            if (outcome == MapOutcome.NotPositiveDefinite)
            {
                SolveDiagonal(bin, map);
            }

            return outcome;
        }

        private readonly double TotalVariance(float* covariance)
        {
            double sum = 0;
            for (int i = 0; i < Shape.Dimensions; i++)
            {
                sum += Variance(covariance, i, Shape.BlockSize);
            }

            return sum;
        }

        private readonly void SolveDiagonal(int bin, float* map)
        {
            int size = Shape.BlockSize;
            new Span<float>(map, Shape.CovarianceWidth).Clear();
            float* whiten = RunningCovariances + (long)bin * Shape.CovarianceWidth;
            float* recolour = SmoothedCovariances + (long)bin * Shape.CovarianceWidth;
            for (int i = 0; i < Shape.Dimensions; i++)
            {
                float v = Variance(whiten, i, size);
                if (v > 0)
                {
                    double ratio = Math.Min(Math.Max((double)Variance(recolour, i, size) / v, Options.ClipLower), Options.ClipUpper);
                    map[(long)i * size + i % size] = (float)(Options.Strength * (Math.Sqrt(ratio) - 1));
                }
            }
        }

        private readonly MapOutcome SolveBlocks(int bin, float* map, double* scratch)
        {
            var outcome = MapOutcome.Mapped;
            double shrinkage = Options.EstimateShrinkage
                ? ShrinkageEstimate.Of(RunningCovariances + (long)bin * Shape.CovarianceWidth, Shape, SampleCounts[bin])
                : Options.Shrinkage;
            for (int start = 0; start < Shape.Dimensions; start += Shape.BlockSize)
            {
                int size = Math.Min(Shape.BlockSize, Shape.Dimensions - start);
                MapOutcome block = SolveBlock(bin, start, size, shrinkage, map, scratch);
                if (block == MapOutcome.NotPositiveDefinite)
                {
                    return block;
                }

                outcome = block == MapOutcome.Ridged ? block : outcome;
            }

            return outcome;
        }

        private readonly MapOutcome SolveBlock(int bin, int start, int size, double shrinkage, float* map, double* scratch)
        {
            double* whiten = scratch;
            double* recolour = whiten + TriangularFactor.MatrixElements(Shape.BlockSize);
            double* work = recolour + TriangularFactor.MatrixElements(Shape.BlockSize);
            bool* inactive = (bool*)(work + TriangularFactor.WorkElements(Shape.BlockSize));
            long offset = (long)start * Shape.BlockSize;
            float* running = RunningCovariances + (long)bin * Shape.CovarianceWidth + offset;
            float* smoothed = SmoothedCovariances + (long)bin * Shape.CovarianceWidth + offset;
            for (int i = 0; i < size; i++)
            {
                inactive[i] = !(running[(long)i * Shape.BlockSize + i] > 0);
            }

            // A ridge relative to the mean variance, tried in growing steps only where the plain factorisation fails.
            foreach (double ridge in (ReadOnlySpan<double>)[0, 1e-6, 1e-4, 1e-2])
            {
                TriangularOperand.Load(running, Shape.BlockSize, size, shrinkage, ridge, inactive, whiten);
                if (!TriangularFactor.Cholesky(whiten, size, work))
                {
                    continue;
                }

                TriangularOperand.Load(smoothed, Shape.BlockSize, size, shrinkage, ridge, inactive, recolour);
                if (TriangularFactor.Cholesky(recolour, size, work))
                {
                    TriangularFactor.SolveRight(whiten, recolour, size, work);
                    TriangularOperand.Store(recolour, size, Options.Strength, map + offset, Shape.BlockSize);
                    return ridge == 0 ? MapOutcome.Mapped : MapOutcome.Ridged;
                }
            }

            return MapOutcome.NotPositiveDefinite;
        }
    }
}
