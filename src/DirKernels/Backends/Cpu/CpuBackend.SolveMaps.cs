using System.Numerics;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <summary>Multiply-adds that take as long as a root and a quotient in double precision.</summary>
    private const int WorkOfDimension = 32;

    /// <inheritdoc/>
    public void SolveMaps(
        in MapOptions mapping, BinShape shape, BinStatistics running, BinStatistics smoothed, in SolvedMaps maps, Span<MapOutcome> outcomes) =>
        SolveMaps(mapping, shape, running, null, smoothed, maps, outcomes);

    /// <inheritdoc/>
    public bool SmoothAndSolveMaps(
        in MapOptions mapping, BinShape shape, BinStatistics running, BinTaps taps, BinStatistics smoothed, in SolvedMaps maps, Span<MapOutcome> outcomes)
    {
        // Small covariances of as many bins as are solved together are smoothed where they are solved, and leave no trace.
        bool together = LanesOf(mapping, shape) > 0;
        if (!together)
        {
            CombineCovariances(running.Covariances, taps, shape, smoothed.Covariances);
        }

        SolveMaps(mapping, shape, running, together ? taps : null, smoothed, maps, outcomes);
        return !together;
    }

    private static int LanesOf(in MapOptions mapping, BinShape shape) =>
        !mapping.MeanOnly && shape.BlockSize is > 1 and <= LaneFactor.LargestSize && shape.Bins >= LaneFactor.Lanes ? LaneFactor.Lanes : 0;

    private unsafe void SolveMaps(
        in MapOptions mapping, BinShape shape, BinStatistics running, BinTaps? taps, BinStatistics smoothed, in SolvedMaps maps, Span<MapOutcome> outcomes)
    {
        long scratchElements = 2 * TriangularFactor.MatrixElements(shape.BlockSize) + TriangularFactor.WorkElements(shape.BlockSize) + (shape.BlockSize + 63) / 64 * 8;
        int lanes = LanesOf(mapping, shape);
        fixed (long* counts = mapping.SampleCounts.Span)
        fixed (MapTreatment* treatment = mapping.Treatment.Span)
        fixed (MapOutcome* outcome = outcomes)
        fixed (int* indices = taps?.Indices)
        fixed (float* weights = taps?.Weights)
        {
            CombineBinsJob smoothing = CombineBinsJob.Whole(shape.CovarianceWidth);
            smoothing.Source = Pointer(running.Covariances);
            smoothing.Indices = indices;
            smoothing.Weights = weights;
            smoothing.Taps = taps?.TapCount ?? 0;
            smoothing.Bins = shape.Bins;
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
                Smoothing = smoothing,
                Maps = Pointer(maps.Maps),
                Shifts = Pointer(maps.Shifts),
                Packed = Pointer(maps.Packed),
                Outcomes = outcome,
                ScratchElements = scratchElements,
                Lanes = lanes,
            };
            long work = (long)shape.Bins * shape.Dimensions * Math.Max(shape.BlockSize * shape.BlockSize, WorkOfDimension);
            _team.Run(ref job, lanes == 0 ? shape.Bins : DivideUp(shape.Bins, lanes), work > WorthSharing);
        }

        GC.KeepAlive(running.Means.Buffer);
        GC.KeepAlive(running.Covariances.Buffer);
        GC.KeepAlive(smoothed.Means.Buffer);
        GC.KeepAlive(smoothed.Covariances.Buffer);
        GC.KeepAlive(maps.Maps.Buffer);
        GC.KeepAlive(maps.Shifts.Buffer);
        GC.KeepAlive(maps.Packed.Buffer);
    }

    private unsafe struct SolveMapsJob : IBlockJob
    {
        /// <summary>A bin whose variances sum to less has nothing to whiten.</summary>
        private const double SmallestTotalVariance = 1e-10;

        /// <summary>Relative to the mean variance, tried in growing steps only where the plain factorisation fails.</summary>
        private static ReadOnlySpan<double> Ridges => [0, 1e-6, 1e-4, 1e-2];

        public MapOptions Options;
        public BinShape Shape;
        public long* SampleCounts;
        public MapTreatment* Treatment;
        public float* RunningMeans;
        public float* RunningCovariances;
        public float* SmoothedMeans;
        public float* SmoothedCovariances;

        /// <summary>Makes the smoothed covariances; without taps where they are there.</summary>
        public CombineBinsJob Smoothing;

        /// <summary>Null where only packed maps are wanted.</summary>
        public float* Maps;
        public float* Shifts;

        /// <summary>Null where they are not wanted.</summary>
        public float* Packed;
        public MapOutcome* Outcomes;
        public long ScratchElements;

        /// <summary>Bins whose small matrices are solved side by side in one block; 0 for one bin after the other.</summary>
        public int Lanes;

        // Bins take different times: those with few rows, or none, are diagonal.
        public readonly void Run(int block)
        {
            int together = Math.Max(1, Lanes), first = block * together;
            long length = (long)together * Shape.CovarianceWidth, own = Maps == null ? length : 0;
            float* scratch = ScratchMemory.RequestOuter<float>(own + (Smoothing.Taps > 0 ? length : 0));
            float* maps = Maps == null ? scratch : Maps + (long)first * Shape.CovarianceWidth;
            if (Smoothing.Taps == 0)
            {
                RunBins(first, maps);
                return;
            }

            SolveMapsJob smoothed = this;
            smoothed.SmoothedCovariances = Smooth(Math.Min(first, Shape.Bins - Lanes), scratch + own);
            smoothed.RunBins(first, maps);
        }

        // Those of as many bins as there are lanes; as if all of them were there.
        private readonly float* Smooth(int first, float* destination)
        {
            CombineBinsJob smoothing = Smoothing;
            smoothing.Destination = destination - (long)first * Shape.CovarianceWidth;
            for (int piece = 0; piece < smoothing.Rows; piece++)
            {
                smoothing.Run(piece, first, first + Lanes);
            }

            return smoothing.Destination;
        }

        private readonly void RunBins(int first, float* maps)
        {
            int end = Math.Min(first + Math.Max(1, Lanes), Shape.Bins), wanted = 0;
            for (int bin = first; bin < end; bin++)
            {
                wanted |= Prepare(bin, MapOf(bin, first, maps)) ? 1 << (bin - first) : 0;
            }

            int packed = 0;
            if (Lanes > 0 && AreWorthSolvingTogether(wanted))
            {
                // The last group begins earlier, so that it has as many bins as others.
                int start = Math.Min(first, Shape.Bins - Lanes);
                float* map = MapOf(start, first, maps);
                int left = InstructionSet.Bits == 512
                    ? SolveTogether<WideSimd512, Vector512<double>>(start, wanted << (first - start), map) >> (first - start)
                    : SolveTogether<WideSimd256, Vector256<double>>(start, wanted << (first - start), map) >> (first - start);
                packed = PacksLanes ? wanted & ~left : 0;
                wanted = left;
            }

            for (int bin = first; bin < end; bin++)
            {
                if ((wanted >> (bin - first) & 1) != 0)
                {
                    SolveAlone(bin, MapOf(bin, first, maps));
                }
            }

            // Packed while they are near.
            for (int bin = first; bin < end && Packed != null; bin++)
            {
                long at = (long)bin * Shape.Dimensions;
                PackedCalibration.PackMean(Shape, RunningMeans + at, Shifts + at, PackedOf(bin));
                if ((packed >> (bin - first) & 1) == 0)
                {
                    PackedCalibration.PackMap(Shape, MapOf(bin, first, maps), PackedOf(bin));
                }
            }
        }

        // Whether maps that are solved side by side are packed where they are, without a square between.
        private readonly bool PacksLanes => Maps == null && Lanes > 0 && PackedCalibration.Width(Shape.BlockSize) % Lanes == 0;

        private readonly float* PackedOf(int bin) => Packed + bin * PackedCalibration.LengthOfBin(Shape);

        private readonly float* MapOf(int bin, int first, float* maps) => maps + (long)(bin - first) * Shape.CovarianceWidth;

        private static float Variance(float* covariance, int dimension, int blockSize) =>
            covariance[(long)dimension * blockSize + dimension % blockSize];

        /// <summary>Shift and outcome of a bin, and its map where it has no blocks to solve.</summary>
        /// <returns>Whether it has.</returns>
        private readonly bool Prepare(int bin, float* map)
        {
            int width = Shape.Dimensions;
            float* covariance = RunningCovariances + (long)bin * Shape.CovarianceWidth;
            float* shift = Shifts + (long)bin * width;
            if (Treatment[bin] == MapTreatment.Identity || (!Options.MeanOnly && TotalVariance(covariance) < SmallestTotalVariance))
            {
                new Span<float>(shift, width).Clear();
                new Span<float>(map, Shape.CovarianceWidth).Clear();
                Outcomes[bin] = MapOutcome.Identity;
                return false;
            }

            Outcomes[bin] = MapOutcome.Mapped;
            if (Shape.BlockSize == 1 && !Options.MeanOnly)
            {
                long start = (long)bin * width;
                new DiagonalSolution(Options.ClipLower, Options.ClipUpper, Options.Strength).Solve(
                    width, new(RunningMeans + start, RunningCovariances + start), new(SmoothedMeans + start, SmoothedCovariances + start), map, shift);
                return false;
            }

            new Span<float>(shift, width).Clear();
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
                return false;
            }

            if (Treatment[bin] != MapTreatment.Diagonal)
            {
                return true;
            }

            SolveDiagonal(bin, map);
            Outcomes[bin] = MapOutcome.TooFewSamples;
            return false;
        }

        private readonly void SolveAlone(int bin, float* map)
        {
            Outcomes[bin] = SolveBlocks(bin, map, ScratchMemory.Request<double>(ScratchElements));
            if (Outcomes[bin] == MapOutcome.NotPositiveDefinite)
            {
                SolveDiagonal(bin, map);
            }
        }

        /// <summary>Solves the blocks of neighbouring bins.</summary>
        /// <param name="first">The bin of lane 0.</param>
        /// <param name="wanted">Lanes that are to be solved, one bit each; others get no map.</param>
        /// <param name="maps">The map of lane 0; those of the others follow.</param>
        /// <returns>Those of them that are left: none of the ridges helps, or they are too few. Their maps mean nothing.</returns>
        private readonly int SolveTogether<TSimd, TVector>(int first, int wanted, float* maps)
            where TSimd : struct, IWideSimd<TVector>
            where TVector : unmanaged
        {
            int most = Shape.BlockSize, elements = LaneFactor.MatrixElements(most), solved = wanted, ridged = 0;
            double* whiten = ScratchMemory.Request<double>(2L * elements + LaneFactor.WorkElements(most) * 2 + TSimd.Width + (TSimd.Width * most + 7) / 8);
            double* recolour = whiten + elements, work = recolour + elements, recolourWork = work + LaneFactor.WorkElements(most);
            double* factors = recolourWork + LaneFactor.WorkElements(most);
            bool* inactive = (bool*)(factors + TSimd.Width);
            for (int lane = 0; lane < TSimd.Width; lane++)
            {
                int bin = first + lane;
                factors[lane] = 1 - ((wanted >> lane & 1) == 0 ? 0 : Shrinkage(bin));
            }

            float* panels = PacksLanes ? PackedOf(first) + PackedCalibration.PanelsAt(Shape) : null;
            int panelWidth = PackedCalibration.Width(most);
            for (int start = 0; start < Shape.Dimensions; start += most)
            {
                int size = Math.Min(most, Shape.Dimensions - start), pending = solved;
                long within = (long)start * most, offset = (long)first * Shape.CovarianceWidth + within;
                float* running = RunningCovariances + offset, smoothed = SmoothedCovariances + offset;
                for (int lane = 0; lane < TSimd.Width; lane++)
                {
                    for (int i = 0; i < size; i++)
                    {
                        inactive[lane * size + i] = (wanted >> lane & 1) == 0 || !(running[(long)lane * Shape.CovarianceWidth + (long)i * most + i] > 0);
                    }
                }

                foreach (double ridge in Ridges)
                {
                    if (!AreWorthSolvingTogether(pending))
                    {
                        break;
                    }

                    LaneOperand.Load<TSimd, TVector>(running, Shape.CovarianceWidth, most, size, factors, ridge, inactive, whiten);
                    int good = pending & ~LaneFactor.Cholesky<TSimd, TVector>(whiten, size, pending, work);
                    if (good != 0)
                    {
                        LaneOperand.Load<TSimd, TVector>(smoothed, Shape.CovarianceWidth, most, size, factors, ridge, inactive, recolour);
                        good &= ~LaneFactor.Cholesky<TSimd, TVector>(recolour, size, good, recolourWork);
                    }

                    if (good != 0)
                    {
                        LaneFactor.SolveRight<TSimd, TVector>(whiten, recolour, size, work);
                        if (panels != null)
                        {
                            LaneOperand.StorePacked<TSimd, TVector>(recolour, size, Options.Strength, good, panels, (nint)PackedCalibration.LengthOfBin(Shape), panelWidth);
                        }
                        else
                        {
                            LaneOperand.Store<TSimd, TVector>(recolour, size, Options.Strength, good, maps + within, Shape.CovarianceWidth, most);
                        }
                    }

                    pending &= ~good;
                    ridged |= ridge > 0 ? good : 0;
                }

                solved &= ~pending;
                panels += panels == null ? 0 : PackedCalibration.LengthOfBlock(size, panelWidth);
            }

            for (int left = ridged & solved; left != 0; left &= left - 1)
            {
                Outcomes[first + BitOperations.TrailingZeroCount(left)] = MapOutcome.Ridged;
            }

            return wanted & ~solved;
        }

        // Side by side takes the time of about a third of them.
        private readonly bool AreWorthSolvingTogether(int lanes) => 3 * BitOperations.PopCount((uint)lanes) > Lanes;

        private readonly double Shrinkage(int bin) => Options.EstimateShrinkage
            ? ShrinkageEstimate.Of(RunningCovariances + (long)bin * Shape.CovarianceWidth, Shape, SampleCounts[bin])
            : Options.Shrinkage;

        private readonly double TotalVariance(float* covariance)
        {
            double sum = 0;
            for (int i = 0, before = 0; i < Shape.Dimensions; i++, before = before + 1 == Shape.BlockSize ? 0 : before + 1)
            {
                sum += covariance[(long)i * Shape.BlockSize + before];
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
            double shrinkage = Shrinkage(bin);
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

            foreach (double ridge in Ridges)
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
