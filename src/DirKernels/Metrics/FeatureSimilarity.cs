namespace DirKernels.Metrics;

/// <summary>
/// How alike the per-bin feature statistics are: cosine similarity between the rows of a [B x D] matrix (bin means, or bin variances), and the mean
/// distance between two such matrices (running and smoothed statistics).
/// </summary>
/// <remarks>
/// Row-major matrices of finite single-precision numbers, accumulated in double precision; relative accuracy 1e-13 of the exact sums. A similarity with a row of
/// zeros is 0. Source: Yang et al., "Delving into Deep Imbalanced Regression", ICML 2021, section 3.2 and figure 5.
/// </remarks>
public static class FeatureSimilarity
{
    /// <summary>Most bins that can be compared each with each: 2 GB of similarities.</summary>
    public const int LargestMatrix = 16384;

    /// <summary>
    /// Cosine similarity of every bin to one: <c>similarity[b] = v_b . v_a / (|v_b| |v_a|)</c>, in -1..1; neighbours of the anchor should be near 1.
    /// </summary>
    /// <param name="rows">B rows of D numbers.</param>
    /// <param name="dimension">D, at least 1.</param>
    /// <param name="anchor">Bin a to compare with, 0..B-1.</param>
    /// <param name="similarity">Receives B numbers; the anchor's own is 1.</param>
    /// <exception cref="ArgumentException">The rows are not [B x D], or the anchor is none of them.</exception>
    public static void ToAnchor(ReadOnlySpan<float> rows, int dimension, int anchor, Span<double> similarity)
    {
        ThrowIfNotRows(rows, dimension, similarity.Length);
        if ((uint)anchor >= (uint)similarity.Length)
        {
            throw new ArgumentException($"feature similarity: the anchor must be 0..{similarity.Length - 1}, but is {anchor}", nameof(anchor));
        }

        ReadOnlySpan<float> reference = rows.Slice(anchor * dimension, dimension);
        for (int b = 0; b < similarity.Length; b++)
        {
            similarity[b] = Cosine(rows.Slice(b * dimension, dimension), reference);
        }
    }

    /// <summary>Cosine similarity of every bin to every bin: a symmetric [B x B] matrix.</summary>
    /// <param name="rows">B rows of D numbers.</param>
    /// <param name="dimension">D, at least 1.</param>
    /// <returns>B x B similarities, row-major.</returns>
    /// <exception cref="ArgumentException">The numbers do not fill whole rows of D, or there are more than <see cref="LargestMatrix"/> bins.</exception>
    public static double[] Between(ReadOnlySpan<float> rows, int dimension)
    {
        int bins = dimension > 0 ? rows.Length / dimension : 0;
        ThrowIfNotRows(rows, dimension, bins);
        if (bins > LargestMatrix)
        {
            throw new ArgumentException($"feature similarity: there are {bins} bins, but at most {LargestMatrix} can be compared with each other", nameof(rows));
        }

        var similarity = new double[bins * bins];
        for (int a = 0; a < bins; a++)
        {
            for (int b = a; b < bins; b++)
            {
                double cosine = Cosine(rows.Slice(a * dimension, dimension), rows.Slice(b * dimension, dimension));
                similarity[a * bins + b] = cosine;
                similarity[b * bins + a] = cosine;
            }
        }

        return similarity;
    }

    /// <summary>Mean L1 distance between two matrices: <c>1/(B D) sum |first - second|</c>; 0 for empty matrices.</summary>
    /// <param name="first">B x D numbers, such as running statistics.</param>
    /// <param name="second">B x D numbers, such as smoothed statistics.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double MeanAbsoluteDistance(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        if (first.Length != second.Length)
        {
            throw new ArgumentException($"feature similarity: the first matrix has {first.Length} entries but the second has {second.Length}");
        }

        double sum = 0;
        for (int i = 0; i < first.Length; i++)
        {
            sum += Math.Abs((double)first[i] - second[i]);
        }

        return first.IsEmpty ? 0 : sum / first.Length;
    }

    private static double Cosine(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        // Squares of single-precision numbers neither overflow nor underflow in double precision.
        double products = 0, squaresX = 0, squaresY = 0;
        for (int i = 0; i < x.Length; i++)
        {
            products += (double)x[i] * y[i];
            squaresX += (double)x[i] * x[i];
            squaresY += (double)y[i] * y[i];
        }

        return squaresX == 0 || squaresY == 0 ? 0 : Math.Clamp(products / (Math.Sqrt(squaresX) * Math.Sqrt(squaresY)), -1, 1);
    }

    private static void ThrowIfNotRows(ReadOnlySpan<float> rows, int dimension, int bins)
    {
        if (dimension < 1 || rows.Length != (long)bins * dimension)
        {
            throw new ArgumentException($"feature similarity: rows has {rows.Length} entries but must be [{bins}x{dimension}]", nameof(rows));
        }
    }
}
