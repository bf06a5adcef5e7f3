using System.Numerics;
using System.Runtime.CompilerServices;
using DirKernels.Binning;

namespace DirKernels.Labels;

/// <summary>Counts labels per bin in one pass, and keeps their bins where the caller wants them again.</summary>
internal static unsafe class BinCounter
{
    /// <summary>Labels at a time: their bins stay in the first-level cache, and finding the bins of one block overlaps with counting another.</summary>
    private const int Block = 256;

    // Neighbouring labels often share a bin: separate histograms keep an increment from waiting for the one before.
    private const int Lanes = 4;

    private const int MostPrivateBins = 1024;

    /// <summary>Adds the number of labels of each bin.</summary>
    /// <param name="bins">B bins.</param>
    /// <param name="labels">N labels.</param>
    /// <param name="counts">[B] whole numbers; added to, in part after an exception.</param>
    /// <param name="kept">[N] receives the bins in a type that holds B - 1; null to forget them.</param>
    /// <exception cref="InvalidDataException">A label is NaN or infinite; the message names its row, counted from 0.</exception>
    [MethodImpl(KernelMethod.Options)]
    public static void Add<TBin>(LabelBins bins, ReadOnlySpan<double> labels, Span<long> counts, TBin* kept)
        where TBin : unmanaged, IBinaryInteger<TBin>
    {
        bool isPrivate = bins.Count <= MostPrivateBins && labels.Length > Lanes * bins.Count;
        Span<uint> lanes = isPrivate ? stackalloc uint[Lanes * bins.Count] : default;
        TBin* scratch = stackalloc TBin[Block];
        fixed (double* source = labels)
        fixed (uint* privateCounts = lanes)
        fixed (long* sharedCounts = counts)
        {
            for (int start = 0; start < labels.Length; start += Block)
            {
                int length = Math.Min(Block, labels.Length - start);
                TBin* block = kept == null ? scratch : kept + start;
                BinAssignment.Assign(bins, source + start, length, start, block);
                if (isPrivate)
                {
                    AddPrivately(block, length, privateCounts, bins.Count);
                }
                else
                {
                    for (int i = 0; i < length; i++)
                    {
                        sharedCounts[int.CreateTruncating(block[i])]++;
                    }
                }
            }
        }

        for (int lane = 0; lane < lanes.Length; lane += counts.Length)
        {
            for (int b = 0; b < counts.Length; b++)
            {
                counts[b] += lanes[lane + b];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddPrivately<TBin>(TBin* bins, int length, uint* counts, int stride)
        where TBin : unmanaged, IBinaryInteger<TBin>
    {
        uint* second = counts + stride, third = second + stride, fourth = third + stride;
        TBin* end = bins + length;
        for (TBin* whole = bins + (length & -Lanes); bins < whole; bins += Lanes)
        {
            counts[uint.CreateTruncating(bins[0])]++;
            second[uint.CreateTruncating(bins[1])]++;
            third[uint.CreateTruncating(bins[2])]++;
            fourth[uint.CreateTruncating(bins[3])]++;
        }

        for (; bins < end; bins++)
        {
            counts[uint.CreateTruncating(*bins)]++;
        }
    }
}
