using System.Numerics.Tensors;
using DirKernels.Backends.Cpu;
using MathNet.Numerics.LinearAlgebra;

namespace DirKernels.Benchmarks.Peers;

/// <summary>Means and scatters M2 of the features of each bin: one pass by the library, two by the others, whose loops have the counts for nothing.</summary>
internal static class MomentPeers
{
    public static PeerSet Create(CpuBackend backend, int dimensions, bool full)
    {
        var rows = new BinnedRows(dimensions);
        var set = new PeerSet($"moments {(full ? "full" : "diag")} D={dimensions}", 5e-6);
        int width = full ? dimensions : 1;
        LibraryStages.AddMoments(set, backend, rows, width);
        double[] means = new double[BinnedRows.Bins * dimensions], scatters = new double[means.Length * width];
        Func<double[]> result = () => LibraryStages.Lower(scatters, dimensions, width);
        set.Add("loop", () => Loop(rows, full, means, scatters), result);
        set.Add("tensors", () => Tensors(rows, full, means, scatters), result);

        // Allocated once: what is measured is no work of the garbage collector.
        float[][] gathered = [.. rows.Counts.Select(count => new float[count * dimensions])];
        set.Add("MathNet", () => MathNetProducts(rows, full, gathered, scatters), result);
        return set;
    }

    private static void Loop(BinnedRows rows, bool full, double[] means, double[] scatters)
    {
        int dimensions = rows.Dimensions, width = full ? dimensions : 1;
        rows.AddMeans(means);
        Array.Clear(scatters);
        for (int row = 0; row < BinnedRows.Rows; row++)
        {
            int bin = rows.BinOf[row];
            ReadOnlySpan<float> x = rows.Row(row);
            ReadOnlySpan<double> mean = means.AsSpan(bin * dimensions, dimensions);
            Span<double> scatter = scatters.AsSpan(bin * dimensions * width, dimensions * width);
            for (int i = 0; i < dimensions; i++)
            {
                double difference = x[i] - mean[i];
                if (full)
                {
                    for (int j = 0; j <= i; j++)
                    {
                        scatter[i * dimensions + j] += difference * (x[j] - mean[j]);
                    }
                }
                else
                {
                    scatter[i] += difference * difference;
                }
            }
        }
    }

    private static void Tensors(BinnedRows rows, bool full, double[] means, double[] scatters)
    {
        int dimensions = rows.Dimensions, width = full ? dimensions : 1;
        var difference = new double[dimensions];
        Array.Clear(means);
        Array.Clear(scatters);
        for (int row = 0; row < BinnedRows.Rows; row++)
        {
            Span<double> mean = means.AsSpan(rows.BinOf[row] * dimensions, dimensions);
            TensorPrimitives.ConvertTruncating<float, double>(rows.Row(row), difference);
            TensorPrimitives.Add(mean, difference, mean);
        }

        for (int b = 0; b < BinnedRows.Bins; b++)
        {
            Span<double> mean = means.AsSpan(b * dimensions, dimensions);
            TensorPrimitives.Divide<double>(mean, rows.Counts[b], mean);
        }

        for (int row = 0; row < BinnedRows.Rows; row++)
        {
            int bin = rows.BinOf[row];
            TensorPrimitives.ConvertTruncating<float, double>(rows.Row(row), difference);
            TensorPrimitives.Subtract(difference, means.AsSpan(bin * dimensions, dimensions), difference);
            Span<double> scatter = scatters.AsSpan(bin * dimensions * width, dimensions * width);
            if (!full)
            {
                TensorPrimitives.MultiplyAdd(difference, difference, scatter, scatter);
                continue;
            }

            for (int i = 0; i < dimensions; i++)
            {
                Span<double> line = scatter.Slice(i * dimensions, i + 1);
                TensorPrimitives.MultiplyAdd(difference.AsSpan(0, i + 1), difference[i], line, line);
            }
        }
    }

    /// <summary>
    /// The rows of a bin as columns of a matrix X, which is how MathNet lays one out; <c>X X^T - n mean mean^T</c>, or the squared norms of its rows. Means are
    /// near 0 here, so that the difference loses nothing.
    /// </summary>
    private static void MathNetProducts(BinnedRows rows, bool full, float[][] gathered, double[] scatters)
    {
        int dimensions = rows.Dimensions;
        var filled = new int[BinnedRows.Bins];
        for (int row = 0; row < BinnedRows.Rows; row++)
        {
            int bin = rows.BinOf[row];
            rows.Row(row).CopyTo(gathered[bin].AsSpan(dimensions * filled[bin]++));
        }

        for (int b = 0; b < BinnedRows.Bins; b++)
        {
            int count = rows.Counts[b];
            Matrix<float> x = Matrix<float>.Build.Dense(dimensions, count, gathered[b]);
            Vector<float> mean = x.RowSums() / count;
            float[] scatter = full
                ? (x.TransposeAndMultiply(x) - count * mean.OuterProduct(mean)).ToRowMajorArray()
                : (x.RowNorms(2).ToSingle().PointwisePower(2) - count * mean.PointwisePower(2)).ToArray();
            TensorPrimitives.ConvertTruncating<float, double>(scatter, scatters.AsSpan(b * scatter.Length, scatter.Length));
        }
    }
}
