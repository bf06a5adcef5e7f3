using System.Numerics.Tensors;

namespace DirKernels.Benchmarks.Peers;

/// <summary>Features of N = 50,000 rows in B = 100 bins, the same for all who compute with them.</summary>
internal sealed class BinnedRows
{
    public const int Rows = 50_000;
    public const int Bins = 100;

    public BinnedRows(int dimensions)
    {
        Dimensions = dimensions;
        Features = [.. Enumerable.Range(0, Rows * dimensions).Select(i => 2 * CounterRandom.Uniform(1, (ulong)i) - 1)];
        BinOf = [.. Enumerable.Range(0, Rows).Select(i => (int)(Bins * CounterRandom.Uniform(9, (ulong)i)))];
        Counts = new int[Bins];
        foreach (int bin in BinOf)
        {
            Counts[bin]++;
        }
    }

    /// <summary>D.</summary>
    public int Dimensions { get; }

    /// <summary>[N x D] in [-1, 1).</summary>
    public float[] Features { get; }

    /// <summary>[N].</summary>
    public int[] BinOf { get; }

    /// <summary>[B].</summary>
    public int[] Counts { get; }

    /// <summary>One row.</summary>
    public ReadOnlySpan<float> Row(int row) => Features.AsSpan(row * Dimensions, Dimensions);

    /// <summary>Means [B x D] of the bins, in one pass over the rows.</summary>
    public void AddMeans(double[] means)
    {
        Array.Clear(means);
        for (int row = 0; row < Rows; row++)
        {
            Span<double> mean = means.AsSpan(BinOf[row] * Dimensions, Dimensions);
            ReadOnlySpan<float> x = Row(row);
            for (int i = 0; i < x.Length; i++)
            {
                mean[i] += x[i];
            }
        }

        for (int b = 0; b < Bins; b++)
        {
            Span<double> mean = means.AsSpan(b * Dimensions, Dimensions);
            TensorPrimitives.Divide<double>(mean, Counts[b], mean);
        }
    }
}
