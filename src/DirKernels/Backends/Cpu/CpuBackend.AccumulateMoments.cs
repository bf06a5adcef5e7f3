using System.Numerics.Tensors;

namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void AccumulateMoments(
        DeviceView<float> features, DeviceView<int> rows, DeviceView<int> offsets, BinShape shape, DeviceView<long> counts, DeviceView<double> means, DeviceView<double> scatters)
    {
        // Bins are dealt out to lanes so that each lane needs its own scratch only; a bin's result does not depend on its lane.
        int lanes = Math.Min(shape.Bins, _team.Size * 4);
        int scratch = shape.Dimensions * (AccumulateMomentsJob.RowsPerPass + 1);
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
            ScratchLength = scratch,
            Scratch = ScratchMemory.Request<double>((long)lanes * scratch),
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
        /// <summary>Rows centred at a time: bounds the scratch, and lets one visit of a scatter row serve several samples.</summary>
        public const int RowsPerPass = 16;

        public float* Features;
        public int* Rows;
        public int* Offsets;
        public BinShape Shape;
        public long* Counts;
        public double* Means;
        public double* Scatters;
        public int Lanes;
        public int ScratchLength;
        public double* Scratch;

        public readonly void Run(int lane)
        {
            for (int bin = lane; bin < Shape.Bins; bin += Lanes)
            {
                int first = Offsets[bin], count = Offsets[bin + 1] - first;
                if (count > 0 && Shape.BlockSize == 1)
                {
                    long width = Shape.Dimensions;
                    DiagonalMoments.Merge(
                        Features, Rows + first, count, Shape.Dimensions, Counts[bin], Means + bin * width, Scatters + bin * width);
                    Counts[bin] += count;
                }
                else if (count > 0)
                {
                    MergeRows(bin, Rows + first, count, Scratch + (long)lane * ScratchLength);
                }
            }
        }

        private readonly void MergeRows(int bin, int* rows, int count, double* scratch)
        {
            int width = Shape.Dimensions;
            double* mean = Means + (long)bin * width;
            double* scatter = Scatters + (long)bin * Shape.CovarianceWidth;
            var batchMean = new Span<double>(scratch, width);
            double* centred = scratch + width;
            SumRows(rows, count, batchMean, centred);
            TensorPrimitives.Divide(batchMean, count, batchMean);
            for (int start = 0; start < count; start += RowsPerPass)
            {
                int pass = Math.Min(RowsPerPass, count - start);
                for (int r = 0; r < pass; r++)
                {
                    var row = new Span<double>(centred + (long)r * width, width);
                    TensorPrimitives.ConvertTruncating(new ReadOnlySpan<float>(Features + (long)rows[start + r] * width, width), row);
                    TensorPrimitives.Subtract(row, batchMean, row);
                }

                // A single row is its own mean: its scatter is 0.
                if (count > 1)
                {
                    AddProducts(centred, pass, scatter);
                }
            }

            long before = Counts[bin];
            double share = (double)count / (before + count);
            var delta = new Span<double>(centred, width);
            var target = new Span<double>(mean, width);
            TensorPrimitives.Subtract(batchMean, target, delta);
            TensorPrimitives.MultiplyAdd(delta, share, target, target);
            if (before > 0)
            {
                TensorPrimitives.Multiply(delta, Math.Sqrt(before * share), delta);
                AddProducts(centred, 1, scatter);
            }
            else
            {
                batchMean.CopyTo(target);
            }

            Counts[bin] = before + count;
        }

        private readonly void SumRows(int* rows, int count, Span<double> sum, double* converted)
        {
            int width = Shape.Dimensions;
            var row = new Span<double>(converted, width);
            sum.Clear();
            for (int r = 0; r < count; r++)
            {
                TensorPrimitives.ConvertTruncating(new ReadOnlySpan<float>(Features + (long)rows[r] * width, width), row);
                TensorPrimitives.Add(sum, row, sum);
            }
        }

        private readonly void AddProducts(double* centred, int count, double* scatter)
        {
            int width = Shape.Dimensions, blockSize = Shape.BlockSize;
            for (int i = 0; i < width; i++)
            {
                int start = Shape.BlockStart(i), length = i - start + 1;
                var target = new Span<double>(scatter + (long)i * blockSize, length);
                for (int r = 0; r < count; r++)
                {
                    double* row = centred + (long)r * width;
                    TensorPrimitives.MultiplyAdd(new ReadOnlySpan<double>(row + start, length), row[i], target, target);
                }
            }
        }
    }
}
