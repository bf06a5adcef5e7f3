using System.Buffers;
using System.Numerics.Tensors;
using DirKernels.Exchange;

namespace DirKernels.Labels;

/// <summary>
/// The number of training labels in each bin, counted in parts: on several threads, machines or days, added up, and turned into weights at the end.
/// </summary>
/// <remarks>
/// <para>
/// <c>counts[b] = |{i : bin(labels[i]) = b}|</c>. Merging adds whole numbers: it is exact, and the order does not matter. One histogram is filled by one
/// thread at a time; threads fill one each and merge them.
/// </para>
/// <para>Bytes, version 1, little-endian:</para>
/// <code>
/// offset       type        what
/// 0            8 bytes     "DIRSTATS"
/// 8            u32         version, 1
/// 12           u32         kind, 1
/// 16           i32         B, 1..2^24
/// 20           i32         1: bins of one width; 0: explicit edges
/// 24           f64 x E     lower edge and width (E = 2), or the edges (E = B + 1)
/// 24 + 8 E     i64 x B     counts, not negative, together at most 2^53
/// end - 4      u32         CRC-32C of all bytes before
/// </code>
/// </remarks>
public sealed class LabelHistogram
{
    private const string What = "label histogram";
    private const int SizesLength = 2 * sizeof(int);

    // 16 KB on the stack: enough that counting a block costs more than starting it.
    private const int FloatsAtATime = 2048;

    private readonly long[] _counts;

    /// <summary>An empty histogram.</summary>
    /// <param name="bins">B bins of the label axis.</param>
    public LabelHistogram(LabelBins bins)
        : this(bins, new long[(bins ?? throw new ArgumentNullException(nameof(bins))).Count], 0)
    {
    }

    private LabelHistogram(LabelBins bins, long[] counts, long total)
    {
        Bins = bins;
        _counts = counts;
        Total = total;
    }

    /// <summary>The B bins.</summary>
    public LabelBins Bins { get; }

    /// <summary>[B] labels in each bin.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>Labels in all bins, at most 2^53.</summary>
    public long Total { get; private set; }

    /// <summary>Counts labels; allocates nothing.</summary>
    /// <param name="labels">Finite labels; those outside the edges count in the end bins.</param>
    /// <exception cref="InvalidDataException">A label is NaN or infinite; the message names its row, counted from 0. The counts are as before.</exception>
    /// <exception cref="ArgumentException">There would be more than 2^53 labels.</exception>
    public void Add(ReadOnlySpan<double> labels)
    {
        long total = SampleCount.Sum(Total, labels.Length);
        FiniteLabel.ThrowIfAnyNot(labels);
        BinsInWeights.Count(labels, Bins, _counts, default, team: null);
        Total = total;
    }

    /// <summary>Counts labels of single precision, by their value in double precision; otherwise as <see cref="Add(ReadOnlySpan{double})"/>.</summary>
    /// <param name="labels">Finite labels; those outside the edges count in the end bins.</param>
    /// <exception cref="InvalidDataException">A label is NaN or infinite; the message names its row, counted from 0. The counts are as before.</exception>
    /// <exception cref="ArgumentException">There would be more than 2^53 labels.</exception>
    public void Add(ReadOnlySpan<float> labels)
    {
        long total = SampleCount.Sum(Total, labels.Length);
        FiniteLabel.ThrowIfAnyNot(labels);
        Span<double> wide = stackalloc double[FloatsAtATime];
        for (int start = 0; start < labels.Length; start += FloatsAtATime)
        {
            ReadOnlySpan<float> block = labels.Slice(start, Math.Min(FloatsAtATime, labels.Length - start));
            TensorPrimitives.ConvertTruncating(block, wide);
            BinsInWeights.Count(wide[..block.Length], Bins, _counts, default, team: null);
        }

        Total = total;
    }

    /// <summary>Adds the counts of another histogram; exact, and the same in any order.</summary>
    /// <param name="other">A histogram of equal bins; not changed.</param>
    /// <exception cref="ArgumentException">The bins are not equal (both are named), or there would be more than 2^53 labels.</exception>
    public void Merge(LabelHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!Bins.Equals(other.Bins))
        {
            throw new ArgumentException($"label histograms of different bins cannot be merged: {Difference(Bins, other.Bins)}", nameof(other));
        }

        Total = SampleCount.Sum(Total, other.Total);
        TensorPrimitives.Add(_counts, other._counts, _counts);
    }

    /// <summary>Forgets all labels.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        Total = 0;
    }

    /// <summary>Effective density and weights of the bins: <see cref="LabelDistributionSmoothing.FitCounts"/> of the counts.</summary>
    /// <param name="kernel">Smoothing window, at most B taps; null for none.</param>
    /// <param name="reweighting">How counts become densities.</param>
    /// <param name="boundary">What the convolution reads beyond the end bins: <see cref="Boundary.Zero"/> or <see cref="Boundary.Symmetric"/>.</param>
    /// <exception cref="InvalidDataException">There are no labels.</exception>
    /// <exception cref="ArgumentException">More taps than bins, or a mirror boundary with more than one tap.</exception>
    public LabelWeights Weights(SmoothingKernel? kernel, Reweighting reweighting, Boundary boundary = Boundary.Zero) =>
        LabelDistributionSmoothing.FitCounts(Array.ConvertAll(_counts, count => (double)count), Bins, kernel, reweighting, boundary);

    /// <summary>Writes the bytes that <see cref="Read"/> reads.</summary>
    /// <param name="destination">Receives them, in pieces of a few kilobytes.</param>
    public void WriteTo(IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var writer = new StatisticsWriter(destination, StatisticsKind.LabelHistogram);
        writer.Write(Bins.Count);
        writer.Write(Bins.UniformRule is null ? 0 : 1);
        if (Bins.UniformRule is { } rule)
        {
            writer.Write(rule.Lower);
            writer.Write(rule.Width);
        }
        else
        {
            writer.Write(Bins.Edges);
        }

        writer.Write(_counts);
        writer.Finish();
    }

    /// <summary>The bytes that <see cref="Read"/> reads.</summary>
    public byte[] ToBytes()
    {
        var bytes = new ArrayBufferWriter<byte>(StatisticsHeader.TotalLength(ContentsLength(Bins.Count, Bins.UniformRule is not null), What));
        WriteTo(bytes);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote. What it allocates is bounded by the length of the input, whatever its header says.</summary>
    /// <param name="bytes">All bytes and no more.</param>
    /// <exception cref="InvalidDataException">The bytes are no label histogram, damaged, incomplete or of a newer version; the message says which.</exception>
    public static LabelHistogram Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new StatisticsReader(bytes, StatisticsKind.LabelHistogram, What);
        int count = reader.ReadInt32(), uniform = reader.ReadInt32();
        if (count is < 1 or > LabelBins.MaximumCount || uniform is not (0 or 1))
        {
            throw reader.Fault($"there are {count} bins of rule {uniform}; there must be 1..{LabelBins.MaximumCount} of rule 0 or 1");
        }

        reader.CheckLengthAndChecksum(ContentsLength(count, uniform == 1));
        LabelBins bins = ReadBins(ref reader, count, uniform == 1);
        var counts = new long[count];
        long total = reader.ReadCounts(counts);
        return new LabelHistogram(bins, counts, total);
    }

    private static Int128 ContentsLength(int count, bool uniform) =>
        SizesLength + (uniform ? 2 : (Int128)count + 1) * sizeof(double) + (Int128)count * sizeof(long);

    private static LabelBins ReadBins(ref StatisticsReader reader, int count, bool uniform)
    {
        try
        {
            if (uniform)
            {
                double lower = reader.ReadDouble(), width = reader.ReadDouble();
                return LabelBins.Uniform(lower, width, count);
            }

            var edges = new double[count + 1];
            reader.Read(edges);
            return LabelBins.FromEdges(edges);
        }
        catch (ArgumentException problem)
        {
            throw new InvalidDataException($"{What}: {problem.Message}", problem);
        }
    }

    // Bins that read the same to nine digits are told apart by the first edge that differs.
    private static string Difference(LabelBins first, LabelBins second)
    {
        int edge = first.Edges.CommonPrefixLength(second.Edges);
        return first.ToString() != second.ToString() || edge == first.Edges.Length
            ? $"{first} and {second}"
            : $"{first} whose edge {edge} is {first.Edges[edge]} and {second} whose edge {edge} is {second.Edges[edge]}";
    }
}
