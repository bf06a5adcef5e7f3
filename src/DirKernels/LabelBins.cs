using DirKernels.Binning;

namespace DirKernels;

/// <summary>
/// A partition of the label axis into B half-open bins <c>[e_b, e_(b+1))</c>, the last one closed; labels outside clamp to the end bins.
/// </summary>
/// <remarks>
/// One value shared by label distribution smoothing, feature distribution smoothing and the metrics. Immutable and thread-safe.
/// Negative and fractional labels are ordinary labels. Source: Yang et al., "Delving into Deep Imbalanced Regression", ICML 2021, section 3.
/// </remarks>
public sealed class LabelBins : IEquatable<LabelBins>
{
    /// <summary>Largest number of bins accepted: statistics are kept per bin.</summary>
    public const int MaximumCount = 1 << 24;

    private readonly double[] _edges;
    private readonly Lazy<EdgeGrid?>? _grid;

    private LabelBins(double[] edges, UniformBinRule? uniform)
    {
        _edges = edges;
        UniformRule = uniform;
        _grid = uniform is null ? new Lazy<EdgeGrid?>(() => EdgeGrid.TryBuild(_edges)) : null;
    }

    /// <summary>Number of bins B.</summary>
    public int Count => _edges.Length - 1;

    /// <summary>The B + 1 strictly increasing edges.</summary>
    public ReadOnlySpan<double> Edges => _edges;

    /// <summary>The closed formula when all bins have the same width, otherwise null (binary search over <see cref="Edges"/>).</summary>
    public UniformBinRule? UniformRule { get; }

    /// <summary>Cells that find bins between explicit edges without a search, built on the first use; null for a rule, or edges too far apart.</summary>
    internal EdgeGrid? Grid => _grid?.Value;

    /// <summary>Bins of equal width: <c>e_b = lower + b width</c>.</summary>
    /// <param name="lower">Lower edge of the first bin, finite.</param>
    /// <param name="width">Width of each bin, finite and positive.</param>
    /// <param name="count">Number of bins, 1..2^24.</param>
    /// <exception cref="ArgumentException">A parameter is out of its range, or the edges are not distinct in double precision.</exception>
    public static LabelBins Uniform(double lower, double width, int count)
    {
        if (!double.IsFinite(lower))
        {
            throw new ArgumentException($"bins: the lower edge must be finite, but is {lower}", nameof(lower));
        }

        if (!double.IsFinite(width) || width <= 0)
        {
            throw new ArgumentException($"bins: the width must be a positive number, but is {width}", nameof(width));
        }

        if (count is < 1 or > MaximumCount)
        {
            throw new ArgumentException($"bins: the count must be 1..{MaximumCount}, but is {count}", nameof(count));
        }

        var edges = new double[count + 1];
        for (int b = 0; b <= count; b++)
        {
            edges[b] = lower + b * width;
        }

        ValidateEdges(edges);
        return new LabelBins(edges, new UniformBinRule(lower, width, count));
    }

    /// <summary>Bins between explicit edges.</summary>
    /// <param name="edges">At least two finite, strictly increasing values; copied.</param>
    /// <exception cref="ArgumentException">The edges are too few, not finite or not strictly increasing.</exception>
    public static LabelBins FromEdges(ReadOnlySpan<double> edges)
    {
        double[] copy = edges.ToArray();
        ValidateEdges(copy);
        return new LabelBins(copy, null);
    }

    /// <summary>
    /// Bins that hold about the same number of labels each: edges at the quantiles 0, 1/count, ..., 1 (linear interpolation between order
    /// statistics). Equal quantiles merge, so that there may be fewer bins than asked for.
    /// </summary>
    /// <param name="labels">At least one finite label, any order.</param>
    /// <param name="count">Number of bins asked for, at least 1.</param>
    /// <exception cref="InvalidDataException">A label is not finite (its index is named), there are none, or all are equal.</exception>
    public static LabelBins Quantiles(ReadOnlySpan<double> labels, int count)
    {
        if (count is < 1 or > MaximumCount)
        {
            throw new ArgumentException($"bins: the count must be 1..{MaximumCount}, but is {count}", nameof(count));
        }

        double[] sorted = SortedLabels(labels);
        var edges = new List<double>(count + 1);
        for (int q = 0; q <= count; q++)
        {
            double edge = Quantile(sorted, (double)q / count);
            if (edges.Count == 0 || edge > edges[^1])
            {
                edges.Add(edge);
            }
        }

        return new LabelBins([.. edges], null);
    }

    /// <summary>
    /// Equal-width bins over the range of the labels with the Freedman-Diaconis width <c>2 IQR / n^(1/3)</c>; when the interquartile range is 0,
    /// Scott's <c>3.49 sd / n^(1/3)</c>. Labels that are all integers get an integer width of at least 1 and integer edges.
    /// The number of bins is limited to <paramref name="maximumCount"/> by widening them.
    /// </summary>
    /// <param name="labels">At least two different finite labels, any order.</param>
    /// <param name="maximumCount">Upper limit of the number of bins.</param>
    /// <exception cref="InvalidDataException">A label is not finite (its index is named), there are none, or all are equal.</exception>
    public static LabelBins Automatic(ReadOnlySpan<double> labels, int maximumCount = 512)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumCount, 1);
        double[] sorted = SortedLabels(labels);
        double lowest = sorted[0], highest = sorted[^1], range = highest - lowest;
        double cubeRoot = Math.Cbrt(sorted.Length);
        double width = 2 * (Quantile(sorted, 0.75) - Quantile(sorted, 0.25)) / cubeRoot;
        if (width <= 0)
        {
            width = 3.49 * StandardDeviation(sorted) / cubeRoot;
        }

        width = Math.Max(width, range / maximumCount);
        bool integers = Array.TrueForAll(sorted, y => y == Math.Floor(y));
        if (integers)
        {
            width = Math.Max(1, Math.Round(width));
            width = Math.Max(width, Math.Ceiling((range + 1) / maximumCount));
            return Uniform(lowest, width, (int)Math.Max(1, Math.Ceiling((range + 1) / width)));
        }

        int count = (int)Math.Clamp(Math.Ceiling(range / width * (1 - 1e-12)), 1, maximumCount);
        return Uniform(lowest, range / count, count);
    }

    /// <summary>The bin of a finite label; labels outside the edges clamp to the end bins.</summary>
    public int IndexOf(double label)
    {
        if (UniformRule is { } rule)
        {
            return rule.IndexOf(label);
        }

        int at = Array.BinarySearch(_edges, label);
        int bin = at >= 0 ? at : ~at - 1;
        return Math.Clamp(bin, 0, Count - 1);
    }

    /// <summary>Bins of all labels: <c>bins[i] = IndexOf(labels[i])</c>.</summary>
    /// <param name="labels">N labels.</param>
    /// <param name="bins">Receives N bin indices.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="InvalidDataException">A label is NaN or infinite; the message names its row, counted from 0.</exception>
    public unsafe void Assign(ReadOnlySpan<double> labels, Span<int> bins)
    {
        if (labels.Length != bins.Length)
        {
            throw new ArgumentException($"labels has {labels.Length} entries but bins has {bins.Length}");
        }

        fixed (double* source = labels)
        fixed (int* destination = bins)
        {
            BinAssignment.Assign(this, source, labels.Length, 0, destination);
        }
    }

    /// <summary>Bins of all labels, as a new array; errors as in the overload that takes a destination.</summary>
    public int[] Assign(ReadOnlySpan<double> labels)
    {
        var bins = new int[labels.Length];
        Assign(labels, bins);
        return bins;
    }

    /// <summary>Lower edge of a bin.</summary>
    public double LowerEdge(int bin) => _edges[bin];

    /// <summary>Upper edge of a bin.</summary>
    public double UpperEdge(int bin) => _edges[bin + 1];

    /// <summary>Centre of a bin, the mean of its edges.</summary>
    public double Centre(int bin) => 0.5 * (_edges[bin] + _edges[bin + 1]);

    /// <summary>Whether both have the same edges and the same rule.</summary>
    public bool Equals(LabelBins? other) =>
        other is not null && UniformRule == other.UniformRule && _edges.AsSpan().SequenceEqual(other._edges);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelBins);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Count, _edges[0], _edges[^1]);

    /// <summary>For people: <c>98 bins of 10 from 0</c> or <c>12 bins from -3 to 40</c>.</summary>
    public override string ToString() => UniformRule is { } rule
        ? $"{Count} bins of {rule.Width:G9} from {rule.Lower:G9}"
        : $"{Count} bins from {_edges[0]:G9} to {_edges[^1]:G9}";

    private static void ValidateEdges(double[] edges)
    {
        if (edges.Length is < 2 or > MaximumCount + 1)
        {
            throw new ArgumentException($"bins: there must be 2..{MaximumCount + 1} edges, but there are {edges.Length}", nameof(edges));
        }

        for (int i = 0; i < edges.Length; i++)
        {
            if (!double.IsFinite(edges[i]))
            {
                throw new ArgumentException($"bins: edge {i} is {edges[i]}; edges must be finite", nameof(edges));
            }

            if (i > 0 && edges[i] <= edges[i - 1])
            {
                throw new ArgumentException($"bins: edges must increase strictly, but edge {i} is {edges[i]} after {edges[i - 1]}", nameof(edges));
            }
        }
    }

    private static double[] SortedLabels(ReadOnlySpan<double> labels)
    {
        if (labels.IsEmpty)
        {
            throw new InvalidDataException("bins: there are no labels to derive them from");
        }

        for (int i = 0; i < labels.Length; i++)
        {
            FiniteLabel.ThrowIfNot(labels[i], i);
        }

        double[] sorted = labels.ToArray();
        Array.Sort(sorted);
        if (sorted[0] == sorted[^1])
        {
            throw new InvalidDataException($"bins: all {labels.Length} labels are equal to {sorted[0]}; there is nothing to regress and no range to divide");
        }

        return sorted;
    }

    private static double Quantile(double[] sorted, double probability)
    {
        double position = probability * (sorted.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    private static double StandardDeviation(double[] values)
    {
        double mean = 0;
        foreach (double value in values)
        {
            mean += value;
        }

        mean /= values.Length;
        double sum = 0;
        foreach (double value in values)
        {
            sum += (value - mean) * (value - mean);
        }

        return Math.Sqrt(sum / Math.Max(1, values.Length - 1));
    }
}
