using DirKernels.Binning;

namespace DirKernels.Labels;

/// <summary>
/// The weight of every label bin, with the counts and the effective density it came from: the result of label distribution smoothing.
/// </summary>
/// <remarks>Made by <see cref="LabelDistributionSmoothing.Fit"/>, or from stored numbers by the constructor. Two are equal when all their numbers are.</remarks>
public sealed record LabelWeights
{
    /// <summary>Puts stored numbers together again.</summary>
    /// <param name="bins">B bins.</param>
    /// <param name="counts">Training samples per bin, B; kept, not copied.</param>
    /// <param name="density">Effective density per bin, B; kept, not copied.</param>
    /// <param name="weights">Weight per bin, B; kept, not copied.</param>
    /// <exception cref="ArgumentException">An array does not have B entries.</exception>
    public LabelWeights(LabelBins bins, double[] counts, double[] density, double[] weights)
    {
        ArgumentNullException.ThrowIfNull(bins);
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(density);
        ArgumentNullException.ThrowIfNull(weights);
        if (counts.Length != bins.Count || density.Length != bins.Count || weights.Length != bins.Count)
        {
            throw new ArgumentException(
                $"label weights: counts has {counts.Length}, density {density.Length} and weights {weights.Length} entries but there are {bins.Count} bins");
        }

        Bins = bins;
        Counts = counts;
        Density = density;
        Weights = weights;
    }

    /// <summary>The B bins.</summary>
    public LabelBins Bins { get; }

    /// <summary>Training samples per bin, B.</summary>
    public double[] Counts { get; }

    /// <summary>Effective density per bin, B: transformed counts, smoothed; in transformed counts, not scaled to sum 1.</summary>
    public double[] Density { get; }

    /// <summary>Weight per bin, B; mean 1 over the training samples; 0 where the density is 0.</summary>
    public double[] Weights { get; }

    /// <summary>Weight of the bin of one label; labels outside the edges get the weight of the end bin.</summary>
    /// <exception cref="InvalidDataException">The label is NaN or infinite.</exception>
    public double WeightOf(double label)
    {
        if (!double.IsFinite(label))
        {
            throw new InvalidDataException($"label is {label}; labels must be finite numbers");
        }

        return Weights[Bins.IndexOf(label)];
    }

    /// <summary>Weights of samples whose bins are known: <c>weights[i] = Weights[bins[i]]</c>.</summary>
    /// <param name="bins">N bin indices, 0..B-1.</param>
    /// <param name="weights">Receives N weights.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="InvalidDataException">A bin index is outside 0..B-1; the message names its row.</exception>
    public void Assign(ReadOnlySpan<int> bins, Span<float> weights)
    {
        if (bins.Length != weights.Length)
        {
            throw new ArgumentException($"bins has {bins.Length} entries but weights has {weights.Length}");
        }

        double[] table = Weights;
        for (int i = 0; i < bins.Length; i++)
        {
            if ((uint)bins[i] >= (uint)table.Length)
            {
                throw new InvalidDataException($"bin of row {i} (counted from 0) is {bins[i]}, but there are {table.Length} bins");
            }

            weights[i] = (float)table[bins[i]];
        }
    }

    /// <summary>Weights of labels, seen in training or not: <c>weights[i] = WeightOf(labels[i])</c>.</summary>
    /// <param name="labels">N finite labels.</param>
    /// <param name="weights">Receives N weights.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="InvalidDataException">A label is NaN or infinite; the message names its row.</exception>
    public unsafe void Assign(ReadOnlySpan<double> labels, Span<float> weights)
    {
        if (labels.Length != weights.Length)
        {
            throw new ArgumentException($"labels has {labels.Length} entries but weights has {weights.Length}");
        }

        const int Block = 256;
        Span<int> bins = stackalloc int[Block];
        double[] table = Weights;
        fixed (double* source = labels)
        fixed (int* assigned = bins)
        {
            for (int start = 0; start < labels.Length; start += Block)
            {
                int length = Math.Min(Block, labels.Length - start);
                BinAssignment.Assign(Bins, source + start, length, start, assigned);
                for (int i = 0; i < length; i++)
                {
                    weights[start + i] = (float)table[bins[i]];
                }
            }
        }
    }

    /// <summary>Weights of samples whose bins are known, as a new array; errors as in the overload that takes a destination.</summary>
    public float[] Assign(ReadOnlySpan<int> bins)
    {
        var weights = new float[bins.Length];
        Assign(bins, weights);
        return weights;
    }

    /// <summary>Weights of labels, as a new array; errors as in the overload that takes a destination.</summary>
    public float[] Assign(ReadOnlySpan<double> labels)
    {
        var weights = new float[labels.Length];
        Assign(labels, weights);
        return weights;
    }

    /// <summary>Whether bins, counts, densities and weights are equal, bit for bit.</summary>
    public bool Equals(LabelWeights? other) =>
        other is not null && Bins.Equals(other.Bins) && Counts.AsSpan().SequenceEqual(other.Counts)
        && Density.AsSpan().SequenceEqual(other.Density) && Weights.AsSpan().SequenceEqual(other.Weights);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Bins, Weights[0], Weights[^1]);
}
