using System.Buffers;
using DirKernels.Backends.Cpu;

namespace DirKernels.Labels;

/// <summary>
/// Counts labels with bins as narrow as they can be, and lets them wait at the end of the memory that the weights will have, so that labels are read and
/// assigned once. Threads have slices of the labels, each of which waits at the end of its own weights.
/// </summary>
internal static unsafe class BinsInWeights
{
    /// <summary>Labels of the smallest slice: some ten microseconds.</summary>
    private const int FewestOfSlice = 32 * 1024;

    /// <summary>Slices begin with a cache line of the weights, where those do.</summary>
    private const int SliceGrain = 64;

    /// <summary>Adds the number of labels of each bin, and keeps the bins inside the weights.</summary>
    /// <param name="labels">N labels.</param>
    /// <param name="bins">B bins.</param>
    /// <param name="counts">[B]; added to, in part after an exception.</param>
    /// <param name="weights">[N] whose memory receives the bins; empty to forget them.</param>
    /// <param name="team">Threads that share the labels; null for the caller alone.</param>
    /// <exception cref="InvalidDataException">A label is NaN or infinite; the message names its row, counted from 0.</exception>
    public static void Count(ReadOnlySpan<double> labels, LabelBins bins, Span<long> counts, Span<float> weights, WorkerTeam? team)
    {
        int slices = Slices(labels.Length, team);
        if (slices == 1)
        {
            CountAlone(labels, bins, counts, weights);
            return;
        }

        // Whole cache lines for each slice.
        int stride = (bins.Count + 7) / 8 * 8 + 8;
        long[] rented = ArrayPool<long>.Shared.Rent(slices * stride);
        try
        {
            fixed (double* source = labels)
            fixed (float* memory = weights)
            fixed (long* counted = rented)
            {
                new Span<long>(counted, slices * stride).Clear();
                var job = new CountJob { Labels = source, Length = labels.Length, Slices = slices, Bins = bins, Weights = memory, Counts = counted, Stride = stride };
                team!.Run(ref job, slices, worthSharing: true);
            }

            for (int slice = 0; slice < slices; slice++)
            {
                if (rented[slice * stride + stride - 1] != 0)
                {
                    // Names the first row of all.
                    CountAlone(labels, bins, counts, weights);
                }

                for (int b = 0; b < bins.Count; b++)
                {
                    counts[b] += rented[slice * stride + b];
                }
            }
        }
        finally
        {
            ArrayPool<long>.Shared.Return(rented);
        }
    }

    /// <summary>Weights of the bins that <see cref="Count"/> kept, over them: <c>weights[i] = table[bin i]</c>.</summary>
    /// <param name="bins">B.</param>
    /// <param name="table">[B].</param>
    /// <param name="weights">[N].</param>
    /// <param name="team">The threads that shared the labels.</param>
    public static void LookUp(int bins, ReadOnlySpan<float> table, Span<float> weights, WorkerTeam? team)
    {
        int slices = Slices(weights.Length, team);
        fixed (float* memory = weights, entries = table)
        {
            var job = new LookUpJob { Bins = bins, Table = entries, Weights = memory, Length = weights.Length, Slices = slices };
            if (slices == 1)
            {
                job.Run(0);
            }
            else
            {
                team!.Run(ref job, slices, worthSharing: true);
            }
        }
    }

    private static int Slices(int length, WorkerTeam? team) => Math.Max(1, Math.Min(team?.Size ?? 1, length / FewestOfSlice));

    // From the start of a slice to the start of the next one.
    private static int StartOf(int slice, int slices, int length) => slice == slices ? length : (int)((long)length * slice / slices / SliceGrain * SliceGrain);

    private static void CountAlone(ReadOnlySpan<double> labels, LabelBins bins, Span<long> counts, Span<float> weights)
    {
        fixed (float* memory = weights)
        {
            switch (Width(bins.Count))
            {
                case sizeof(byte):
                    BinCounter.Add(bins, labels, counts, Inside<byte>(memory, weights.Length));
                    break;
                case sizeof(ushort):
                    BinCounter.Add(bins, labels, counts, Inside<ushort>(memory, weights.Length));
                    break;
                default:
                    BinCounter.Add(bins, labels, counts, Inside<int>(memory, weights.Length));
                    break;
            }
        }
    }

    private static int Width(int bins) => bins <= 1 << 8 ? sizeof(byte) : bins <= 1 << 16 ? sizeof(ushort) : sizeof(int);

    private static TBin* Inside<TBin>(float* weights, int count)
        where TBin : unmanaged => weights == null ? null : (TBin*)(weights + count) - count;

    private struct CountJob : IBlockJob
    {
        public double* Labels;
        public int Length;
        public int Slices;
        public LabelBins Bins;

        /// <summary>Null to forget the bins.</summary>
        public float* Weights;

        /// <summary>[slices x stride]; the last element of a slice is 1 when one of its labels is not finite.</summary>
        public long* Counts;
        public int Stride;

        public readonly void Run(int slice)
        {
            int start = StartOf(slice, Slices, Length), length = StartOf(slice + 1, Slices, Length) - start;
            long* counts = Counts + (long)slice * Stride;
            try
            {
                var labels = new ReadOnlySpan<double>(Labels + start, length);
                CountAlone(labels, Bins, new Span<long>(counts, Bins.Count), Weights == null ? [] : new Span<float>(Weights + start, length));
            }
            catch (InvalidDataException)
            {
                // Jobs must not throw: the caller counts again.
                counts[Stride - 1] = 1;
            }
        }
    }

    private struct LookUpJob : IBlockJob
    {
        public int Bins;
        public float* Table;
        public float* Weights;
        public int Length;
        public int Slices;

        public readonly void Run(int slice)
        {
            int start = StartOf(slice, Slices, Length), length = StartOf(slice + 1, Slices, Length) - start;
            float* weights = Weights + start;
            switch (Width(Bins))
            {
                case sizeof(byte):
                    BinWeights.Look(Inside<byte>(weights, length), length, Table, Bins, weights, Length);
                    break;
                case sizeof(ushort):
                    BinWeights.Look(Inside<ushort>(weights, length), length, Table, Bins, weights, Length);
                    break;
                default:
                    BinWeights.Look(Inside<int>(weights, length), length, Table, Bins, weights, Length);
                    break;
            }
        }
    }
}
