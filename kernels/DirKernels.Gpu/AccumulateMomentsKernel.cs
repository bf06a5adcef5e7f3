using DirKernels.Backends;
using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Means and sums of squared deviations of each bin and column, in double precision: pieces of grouped rows are summed about their own first row, then merged in order with the
/// bin's moments by the update of Chan, Golub and LeVeque. Blocks of covariances are <see cref="BlockMomentsKernel"/>.
/// </summary>
/// <remarks>
/// Launch: (1) a group takes a stretch of rows and 128 columns, 32 threads of four columns and 8 lanes of rows; (2) a group merges the pieces of a bin. Shared memory 16 KiB.
/// 4 bytes an element read, 16 a piece and column written. Deterministic. The first row of a piece lies within the piece's range, so that the subtraction of
/// <c>(sum d)^2 / n</c> loses no more than a factor of n of the precision of doubles.
/// </remarks>
internal static class AccumulateMomentsKernel
{
    /// <summary>Columns of a thread.</summary>
    private const int Columns = 4;

    public static void Run(
        GpuRuntime gpu, ArrayView<float> features, ArrayView<int> rows, ArrayView<int> offsets, BinShape shape, ArrayView<long> counts, ArrayView<double> means, ArrayView<double> scatters)
    {
        if (rows.Length == 0 || shape.Bins == 0)
        {
            return;
        }

        if (shape.BlockSize > 1)
        {
            BlockMomentsKernel.Run(gpu, features, rows, offsets, shape, counts, means, scatters);
            return;
        }

        (ArrayView<double> pieces, int stretch) = SumPieces(gpu, features, rows, offsets, shape);
        gpu.Launch(new KernelConfig(shape.Bins, gpu.Scale.GroupSize), Merge, pieces, offsets, counts, means, scatters, shape.Dimensions, stretch);
    }

    /// <summary>Launches the first pass; returns [pieces x 2 x D], mean and sum of squares of each piece, and the length of a stretch.</summary>
    public static (ArrayView<double> Pieces, int Stretch) SumPieces(
        GpuRuntime gpu, ArrayView<float> features, ArrayView<int> rows, ArrayView<int> offsets, BinShape shape)
    {
        int count = (int)rows.Length, threads = gpu.Scale.GroupSize, columnThreads = gpu.Scale.IsSimulated ? 4 : 32;
        int tiles = (shape.Dimensions + Columns * columnThreads - 1) / (Columns * columnThreads);

        // Eight groups for each multiprocessor, of at least 16 rows and at most 4096.
        int stretch = (int)Math.Clamp((long)count * tiles / (8 * gpu.Scale.Multiprocessors), 16, 4096);
        ArrayView<double> pieces = gpu.Scratch<double>("moment pieces", (long)BinPieces.Count(count, stretch, shape.Bins) * 2 * shape.Dimensions);
        var work = new Stretches
        {
            Rows = count,
            Bins = shape.Bins,
            Width = shape.Dimensions,
            Stretch = stretch,
            ColumnThreads = columnThreads,
            Aligned = shape.Dimensions % 4 == 0 && Quads.Aligned(features) ? 1 : 0,
        };
        gpu.Launch(new KernelConfig(((count + stretch - 1) / stretch, tiles, 1), (threads, 1, 1)), Sum, features, rows, offsets, pieces, work);
        return (pieces, stretch);
    }

    /// <summary>Mean and sum of squared deviations of each piece of one stretch.</summary>
    public static void Sum(ArrayView<float> features, ArrayView<int> rows, ArrayView<int> offsets, ArrayView<double> pieces, Stretches work)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(2 * Columns * LaunchScale.LargestGroup);
        int thread = Group.IdxX, c = thread % work.ColumnThreads, lane = thread / work.ColumnThreads, lanes = Group.DimX / work.ColumnThreads;
        int column = (Grid.IdxY * work.ColumnThreads + c) * Columns, left = work.Width - column;
        int position = Grid.IdxX * work.Stretch, end = IntrinsicMath.Min(work.Rows, position + work.Stretch);
        int bin = BinPieces.BinAt(offsets, work.Bins, position);
        while (position < end)
        {
            while (offsets[bin + 1] <= position)
            {
                bin++;
            }

            int pieceEnd = IntrinsicMath.Min(end, offsets[bin + 1]);
            F4 origin = ReadFour(features, (long)rows[position] * work.Width + column, left, work.Aligned);
            double s0 = 0, s1 = 0, s2 = 0, s3 = 0, q0 = 0, q1 = 0, q2 = 0, q3 = 0;
            for (int i = position + lane; i < pieceEnd; i += lanes)
            {
                F4 x = ReadFour(features, (long)rows[i] * work.Width + column, left, work.Aligned);
                double d0 = (double)x.X - origin.X, d1 = (double)x.Y - origin.Y, d2 = (double)x.Z - origin.Z, d3 = (double)x.W - origin.W;
                s0 += d0;
                s1 += d1;
                s2 += d2;
                s3 += d3;
                q0 += d0 * d0;
                q1 += d1 * d1;
                q2 += d2 * d2;
                q3 += d3 * d3;
            }

            int room = Group.DimX;
            shared[thread] = s0;
            shared[room + thread] = s1;
            shared[2 * room + thread] = s2;
            shared[3 * room + thread] = s3;
            shared[4 * room + thread] = q0;
            shared[5 * room + thread] = q1;
            shared[6 * room + thread] = q2;
            shared[7 * room + thread] = q3;
            Group.Barrier();
            long at = (long)(Grid.IdxX + bin) * 2 * work.Width;
            for (int output = thread; output < Columns * work.ColumnThreads; output += Group.DimX)
            {
                int which = output / work.ColumnThreads, of = output % work.ColumnThreads;
                int result = (Grid.IdxY * work.ColumnThreads + of) * Columns + which;
                double sum = 0, squares = 0;
                for (int other = 0; other < lanes; other++)
                {
                    sum += shared[which * room + other * work.ColumnThreads + of];
                    squares += shared[(Columns + which) * room + other * work.ColumnThreads + of];
                }

                if (result < work.Width)
                {
                    double share = sum / (pieceEnd - position);
                    pieces[at + result] = features[(long)rows[position] * work.Width + result] + share;
                    pieces[at + work.Width + result] = squares - sum * share;
                }
            }

            Group.Barrier();
            position = pieceEnd;
        }
    }

    /// <summary>Merges the pieces of a bin, in order, into its moments.</summary>
    public static void Merge(
        ArrayView<double> pieces, ArrayView<int> offsets, ArrayView<long> counts, ArrayView<double> means, ArrayView<double> scatters, int width, int stretch)
    {
        int bin = Grid.IdxX, start = offsets[bin], end = offsets[bin + 1];
        long before = counts[bin];
        for (int j = Group.IdxX; j < width && start < end; j += Group.DimX)
        {
            long at = (long)bin * width + j;
            double mean = means[at], scatter = scatters[at];
            MergeColumn(pieces, bin, start, end, j, width, stretch, before, ref mean, ref scatter);
            means[at] = mean;
            scatters[at] = scatter;
        }

        Group.Barrier();
        if (Group.IdxX == 0)
        {
            counts[bin] = before + (end - start);
        }
    }

    /// <summary>The pieces of one column of a bin, merged in order into a mean and a scatter of <paramref name="count"/> rows.</summary>
    public static void MergeColumn(ArrayView<double> pieces, int bin, int start, int end, int column, int width, int stretch, long count, ref double mean, ref double scatter)
    {
        double n = count;
        for (int w = start / stretch; w * stretch < end; w++)
        {
            double added = IntrinsicMath.Min(end, (w + 1) * stretch) - IntrinsicMath.Max(start, w * stretch);
            long at = (long)(w + bin) * 2 * width + column;
            double delta = pieces[at] - mean, share = added / (n + added);
            mean = n == 0 ? pieces[at] : mean + delta * share;
            scatter += pieces[at + width] + (n == 0 ? 0.0 : delta * delta * (n * share));
            n += added;
        }
    }

    private static F4 ReadFour(ArrayView<float> from, long at, int left, int aligned)
    {
        if (left >= 4 && aligned != 0)
        {
            return from.Cast<F4>()[at / 4];
        }

        return new F4(left > 0 ? from[at] : 0f, left > 1 ? from[at + 1] : 0f, left > 2 ? from[at + 2] : 0f, left > 3 ? from[at + 3] : 0f);
    }

    /// <summary>How the rows are shared out.</summary>
    internal struct Stretches
    {
        public int Rows;
        public int Bins;
        public int Width;
        public int Stretch;
        public int ColumnThreads;
        public int Aligned;
    }
}
