using DirKernels.Backends;

namespace DirKernels.Conformance;

/// <summary>Counts, means and scatter matrices of the rows of each bin, by two passes over all rows at once.</summary>
public sealed class AccumulateMomentsReference
{
    public AccumulateMomentsReference(float[] features, int[] bins, BinShape shape)
    {
        int d = shape.Dimensions;
        Counts = new long[shape.Bins];
        Means = new double[shape.Bins * d];
        Scatters = new double[shape.Bins * d * shape.BlockSize];
        Magnitudes = new double[Scatters.Length];
        for (int b = 0; b < shape.Bins; b++)
        {
            int[] rows = [.. Enumerable.Range(0, bins.Length).Where(r => bins[r] == b)];
            Counts[b] = rows.Length;
            for (int i = 0; i < d && rows.Length > 0; i++)
            {
                Means[b * d + i] = rows.Sum(r => (double)features[r * d + i]) / rows.Length;
            }

            for (int i = 0; i < d; i++)
            {
                for (int j = i / shape.BlockSize * shape.BlockSize; j <= i; j++)
                {
                    int at = (b * d + i) * shape.BlockSize + j % shape.BlockSize;
                    foreach (int r in rows)
                    {
                        double product = (features[r * d + i] - Means[b * d + i]) * (features[r * d + j] - Means[b * d + j]);
                        Scatters[at] += product;
                        Magnitudes[at] += Math.Abs(product);
                    }
                }
            }
        }
    }

    public long[] Counts { get; }

    public double[] Means { get; }

    public double[] Scatters { get; }

    /// <summary>Sums of the magnitudes of the products behind <see cref="Scatters"/>.</summary>
    public double[] Magnitudes { get; }
}
