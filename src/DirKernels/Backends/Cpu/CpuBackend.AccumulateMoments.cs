namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void AccumulateMoments(
        DeviceView<float> features, DeviceView<int> rows, DeviceView<int> offsets, BinShape shape, DeviceView<long> counts, DeviceView<double> means, DeviceView<double> scatters)
    {
        // Enough pieces for threads to take the next one when they have finished; a bin's result does not depend on its piece.
        int lanes = Math.Min(shape.Bins, 64);
        var job = new AccumulateMomentsJob
        {
            Features = Pointer(features),
            Rows = Pointer(rows),
            Offsets = Pointer(offsets),
            Shape = shape,
            Counts = Pointer(counts),
            Means = Pointer(means),
            Scatters = Pointer(scatters),
            Lanes = lanes,
        };
        _team.Run(ref job, lanes, rows.Length * shape.CovarianceWidth > WorthSharing);
        GC.KeepAlive(features.Buffer);
        GC.KeepAlive(rows.Buffer);
        GC.KeepAlive(offsets.Buffer);
        GC.KeepAlive(counts.Buffer);
        GC.KeepAlive(means.Buffer);
        GC.KeepAlive(scatters.Buffer);
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

        public readonly void Run(int lane)
        {
            float* scratch = Shape.BlockSize == 1 ? null : ScratchMemory.Request<float>(BlockMoments.ScratchLength(Shape));

            // Interleaved, since the bins of common labels lie beside each other and hold most of the rows.
            for (int bin = lane; bin < Shape.Bins; bin += Lanes)
            {
                int first = Offsets[bin], count = Offsets[bin + 1] - first;
                if (count == 0)
                {
                    continue;
                }

                double* means = Means + (long)bin * Shape.Dimensions, scatters = Scatters + (long)bin * Shape.CovarianceWidth;
                if (Shape.BlockSize == 1)
                {
                    DiagonalMoments.Merge(Features, Rows + first, count, Shape.Dimensions, Counts[bin], means, scatters);
                }
                else
                {
                    BlockMoments.Merge(Features, Rows + first, count, Shape, Counts[bin], means, scatters, scratch);
                }

                Counts[bin] += count;
            }
        }
    }
}
