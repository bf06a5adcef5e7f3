namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <summary>Enough pieces for threads to take the next one when they have finished; a bin's result does not depend on its piece.</summary>
    private const int MostMomentLanes = 64;

    /// <inheritdoc/>
    public unsafe void AccumulateMoments(
        DeviceView<float> features, DeviceView<int> rows, DeviceView<int> offsets, BinShape shape, DeviceView<long> counts, DeviceView<double> means, DeviceView<double> scatters)
    {
        bool shared = _team.Size > 1 && rows.Length * shape.CovarianceWidth > WorthSharing;
        int* order = stackalloc int[MostMomentLanes];
        AccumulateMomentsJob job = DescribeMoments(features, rows, offsets, shape, counts, means, scatters, shared ? order : null);
        if (shape.BlockSize == 1)
        {
            var tours = new DiagonalMomentsTour(job, rows.Length, _team.Size, _asksSecondLevelCache);
            _team.Run(ref tours, tours.Tours, shared);
        }
        else
        {
            _team.Run(ref job, job.Lanes, shared);
        }

        GC.KeepAlive(features.Buffer);
        GC.KeepAlive(rows.Buffer);
        GC.KeepAlive(offsets.Buffer);
        GC.KeepAlive(counts.Buffer);
        GC.KeepAlive(means.Buffer);
        GC.KeepAlive(scatters.Buffer);
    }

    // With memory for an order of the lanes they are dealt to threads by their rows; rows may be absent.
    private unsafe AccumulateMomentsJob DescribeMoments(
        DeviceView<float> features,
        DeviceView<int> rows,
        DeviceView<int> offsets,
        BinShape shape,
        DeviceView<long> counts,
        DeviceView<double> means,
        DeviceView<double> scatters,
        int* order)
    {
        int lanes = Math.Min(shape.Bins, MostMomentLanes);
        bool isDealt = order != null && !offsets.IsAbsent;
        if (isDealt)
        {
            DealLanes(Pointer(offsets), shape.Bins, _team, new Span<int>(order, lanes));
        }

        return new AccumulateMomentsJob
        {
            Features = Pointer(features),
            Rows = Pointer(rows),
            Offsets = Pointer(offsets),
            Shape = shape,
            Counts = Pointer(counts),
            Means = Pointer(means),
            Scatters = Pointer(scatters),
            Lanes = lanes,
            Order = isDealt ? order : null,
        };
    }

    /// <summary>Numbers of the lanes in the order of a team's blocks: shares of about as many rows, and in each of them the lanes of most rows first.</summary>
    private static unsafe void DealLanes(int* offsets, int bins, WorkerTeam team, Span<int> order)
    {
        int lanes = order.Length;
        Span<int> rows = stackalloc int[lanes], sorted = stackalloc int[lanes];
        rows.Clear();

        // Below zero: sorted, the lanes of most rows come first.
        for (int bin = 0, lane = 0; bin < bins; bin++, lane = lane + 1 == lanes ? 0 : lane + 1)
        {
            rows[lane] -= offsets[bin + 1] - offsets[bin];
        }

        for (int lane = 0; lane < lanes; lane++)
        {
            sorted[lane] = lane;
        }

        rows.Sort(sorted);

        // Where each share goes on, where it ends, and how many rows it has.
        int shares = team.Size;
        Span<int> next = stackalloc int[shares], end = stackalloc int[shares], load = stackalloc int[shares];
        for (int share = 0; share < shares; share++)
        {
            next[share] = WorkerTeam.FirstOfShare(lanes, share, shares);
            end[share] = WorkerTeam.FirstOfShare(lanes, share + 1, shares);
        }

        load.Clear();
        for (int i = 0; i < lanes; i++)
        {
            int least = -1;
            for (int share = 0; share < shares; share++)
            {
                least = next[share] < end[share] && (least < 0 || load[share] < load[least]) ? share : least;
            }

            order[next[least]++] = sorted[i];
            load[least] -= rows[i];
        }
    }

    private unsafe struct AccumulateMomentsJob : IBlockJob
    {
        public float* Features;
        public int* Rows;
        public int* Offsets;
        public BinShape Shape;
        public long* Counts;
        public double* Means;
        public double* Scatters;
        public int Lanes;
        public int* Order;

        public readonly void Run(int block)
        {
            float* scratch = ScratchMemory.Request<float>(BinMoments.ScratchLength(Shape));

            // Interleaved, since the bins of common labels lie beside each other and hold most of the rows.
            for (int bin = Order == null ? block : Order[block]; bin < Shape.Bins; bin += Lanes)
            {
                int first = Offsets[bin], count = Offsets[bin + 1] - first;
                if (count == 0)
                {
                    continue;
                }

                double* means = Means + (long)bin * Shape.Dimensions, scatters = Scatters + (long)bin * Shape.CovarianceWidth;
                BinMoments.Merge(Features, Rows + first, count, Shape, Counts[bin], means, scatters, scratch);
                Counts[bin] += count;
            }
        }
    }
}
