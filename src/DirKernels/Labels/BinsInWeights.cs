namespace DirKernels.Labels;

/// <summary>
/// Counts labels with bins as narrow as they can be, and lets them wait at the end of the memory that the weights will have, so that labels are read and
/// assigned once.
/// </summary>
internal static unsafe class BinsInWeights
{
    /// <summary>Adds the number of labels of each bin, and keeps the bins inside the weights.</summary>
    /// <param name="labels">N labels.</param>
    /// <param name="bins">B bins.</param>
    /// <param name="counts">[B]; added to, in part after an exception.</param>
    /// <param name="weights">[N] whose memory receives the bins; empty to forget them.</param>
    /// <exception cref="InvalidDataException">A label is NaN or infinite; the message names its row, counted from 0.</exception>
    public static void Count(ReadOnlySpan<double> labels, LabelBins bins, Span<long> counts, Span<float> weights)
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

    /// <summary>Weights of the bins that <see cref="Count"/> kept, over them: <c>weights[i] = table[bin i]</c>.</summary>
    /// <param name="bins">B.</param>
    /// <param name="table">[B].</param>
    /// <param name="weights">[N].</param>
    public static void LookUp(int bins, ReadOnlySpan<float> table, Span<float> weights)
    {
        fixed (float* memory = weights, entries = table)
        {
            switch (Width(bins))
            {
                case sizeof(byte):
                    BinWeights.Look(Inside<byte>(memory, weights.Length), weights.Length, entries, table.Length, memory);
                    break;
                case sizeof(ushort):
                    BinWeights.Look(Inside<ushort>(memory, weights.Length), weights.Length, entries, table.Length, memory);
                    break;
                default:
                    BinWeights.Look(Inside<int>(memory, weights.Length), weights.Length, entries, table.Length, memory);
                    break;
            }
        }
    }

    private static int Width(int bins) => bins <= 1 << 8 ? sizeof(byte) : bins <= 1 << 16 ? sizeof(ushort) : sizeof(int);

    private static TBin* Inside<TBin>(float* weights, int count)
        where TBin : unmanaged => weights == null ? null : (TBin*)(weights + count) - count;
}
