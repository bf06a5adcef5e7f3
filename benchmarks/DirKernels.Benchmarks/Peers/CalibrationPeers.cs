using System.Numerics.Tensors;
using DirKernels.Backends.Cpu;
using MathNet.Numerics.LinearAlgebra;

namespace DirKernels.Benchmarks.Peers;

/// <summary><c>z~ = z + T_b (z - mu_b) + shift_b</c> of all rows.</summary>
internal static class CalibrationPeers
{
    public static PeerSet Create(CpuBackend backend, int dimensions, bool full)
    {
        var rows = new BinnedRows(dimensions);
        var set = new PeerSet($"calibrate {(full ? "full" : "diag")} D={dimensions}", 2e-6);
        int width = full ? dimensions : 1;
        float[] means = Numbers(2, BinnedRows.Bins * dimensions), shifts = Numbers(3, means.Length), maps = Numbers(4, means.Length * width);
        if (full)
        {
            ClearUpper(maps, dimensions);
        }

        LibraryStages.AddCalibration(set, backend, rows, width, means, maps, shifts);
        float[] result = new float[rows.Features.Length];
        Func<double[]> values = () => Array.ConvertAll(result, value => (double)value);
        set.Add("loop", () => Loop(rows, full, means, maps, shifts, result), values);
        set.Add("tensors", () => Tensors(rows, full, means, maps, shifts, result), values);
        set.Add("MathNet", () => MathNetProducts(rows, full, means, maps, shifts, result), values);
        return set;
    }

    private static void Loop(BinnedRows rows, bool full, float[] means, float[] maps, float[] shifts, float[] result)
    {
        int dimensions = rows.Dimensions;
        for (int row = 0; row < BinnedRows.Rows; row++)
        {
            int first = rows.BinOf[row] * dimensions;
            ReadOnlySpan<float> z = rows.Row(row);
            for (int i = 0; i < dimensions; i++)
            {
                float sum = z[i] + shifts[first + i];
                if (full)
                {
                    for (int j = 0; j <= i; j++)
                    {
                        sum += maps[(first + i) * dimensions + j] * (z[j] - means[first + j]);
                    }
                }
                else
                {
                    sum += maps[first + i] * (z[i] - means[first + i]);
                }

                result[row * dimensions + i] = sum;
            }
        }
    }

    private static void Tensors(BinnedRows rows, bool full, float[] means, float[] maps, float[] shifts, float[] result)
    {
        int dimensions = rows.Dimensions;
        var centred = new float[dimensions];
        for (int row = 0; row < BinnedRows.Rows; row++)
        {
            int first = rows.BinOf[row] * dimensions;
            ReadOnlySpan<float> z = rows.Row(row);
            Span<float> to = result.AsSpan(row * dimensions, dimensions);
            TensorPrimitives.Subtract(z, means.AsSpan(first, dimensions), centred);
            if (full)
            {
                for (int i = 0; i < dimensions; i++)
                {
                    to[i] = TensorPrimitives.Dot<float>(maps.AsSpan((first + i) * dimensions, i + 1), centred.AsSpan(0, i + 1));
                }

                TensorPrimitives.Add(z, to, to);
            }
            else
            {
                TensorPrimitives.MultiplyAdd(centred, maps.AsSpan(first, dimensions), z, to);
            }

            TensorPrimitives.Add(to, shifts.AsSpan(first, dimensions), to);
        }
    }

    /// <summary>Full: the rows of each bin as a matrix Z, Z + (Z - mu) T^T + shift. Diagonal: row by row.</summary>
    private static void MathNetProducts(BinnedRows rows, bool full, float[] means, float[] maps, float[] shifts, float[] result)
    {
        int dimensions = rows.Dimensions;
        Vector<float>[] mu = Vectors(means, dimensions), shift = Vectors(shifts, dimensions);
        if (!full)
        {
            Vector<float>[] map = Vectors(maps, dimensions);
            for (int row = 0; row < BinnedRows.Rows; row++)
            {
                int bin = rows.BinOf[row];
                Vector<float> z = Vector<float>.Build.DenseOfArray(rows.Row(row).ToArray());
                Vector<float> calibrated = z + map[bin].PointwiseMultiply(z - mu[bin]) + shift[bin];
                calibrated.AsArray().CopyTo(result, row * dimensions);
            }

            return;
        }

        // Rows of a bin as columns, which is how MathNet lays out a matrix.
        float[][] gathered = [.. rows.Counts.Select(count => new float[count * dimensions])];
        var filled = new int[BinnedRows.Bins];
        for (int row = 0; row < BinnedRows.Rows; row++)
        {
            int bin = rows.BinOf[row];
            Vector<float> centred = Vector<float>.Build.DenseOfArray(rows.Row(row).ToArray()) - mu[bin];
            centred.AsArray().CopyTo(gathered[bin], dimensions * filled[bin]++);
        }

        float[][] moved = new float[BinnedRows.Bins][];
        for (int b = 0; b < BinnedRows.Bins; b++)
        {
            Matrix<float> map = Matrix<float>.Build.DenseOfRowMajor(dimensions, dimensions, maps.Skip(b * dimensions * dimensions).Take(dimensions * dimensions));
            moved[b] = (map * Matrix<float>.Build.Dense(dimensions, rows.Counts[b], gathered[b])).AsColumnMajorArray();
        }

        Array.Clear(filled);
        for (int row = 0; row < BinnedRows.Rows; row++)
        {
            int bin = rows.BinOf[row];
            Span<float> to = result.AsSpan(row * dimensions, dimensions);
            TensorPrimitives.Add(rows.Row(row), moved[bin].AsSpan(dimensions * filled[bin]++, dimensions), to);
            TensorPrimitives.Add(to, shifts.AsSpan(bin * dimensions, dimensions), to);
        }
    }

    private static Vector<float>[] Vectors(float[] values, int dimensions) => [.. values.Chunk(dimensions).Select(chunk => Vector<float>.Build.Dense(chunk))];

    private static float[] Numbers(ulong stream, int count) => [.. Enumerable.Range(0, count).Select(i => 2 * CounterRandom.Uniform(stream, (ulong)i) - 1)];

    private static void ClearUpper(float[] maps, int dimensions)
    {
        for (int at = 0; at < maps.Length; at++)
        {
            if (at % dimensions > at / dimensions % dimensions)
            {
                maps[at] = 0;
            }
        }
    }
}
