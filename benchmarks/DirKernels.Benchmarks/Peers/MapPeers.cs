using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace DirKernels.Benchmarks.Peers;

/// <summary>Cholesky factors of two covariances for each of 100 bins and the map A between them, <c>A L = L~</c>.</summary>
internal static class MapPeers
{
    private const int Bins = BinnedRows.Bins;

    public static PeerSet Create(CpuBackend backend, int dimensions)
    {
        var set = new PeerSet($"cholesky + maps {Bins}x{dimensions}", 2e-5);
        float[] running = Covariances(dimensions, 5), smoothed = Covariances(dimensions, 6);
        var shape = new BinShape(Bins, dimensions, dimensions);
        DeviceBuffer<float> means = set.Own(backend.Upload(new float[Bins * dimensions])), shifts = set.Own(backend.Allocate<float>(means.Length));
        DeviceBuffer<float> from = set.Own(backend.Upload(running)), to = set.Own(backend.Upload(smoothed)), maps = set.Own(backend.Allocate<float>(running.Length));
        var outcomes = new MapOutcome[Bins];
        var options = new MapOptions(0.1f, 10, 1, false, 0, false, new long[Bins], new MapTreatment[Bins]);
        set.Add(
            PeerSet.Library,
            () => backend.SolveMaps(options, shape, new BinStatistics(means, from), new BinStatistics(means, to), new SolvedMaps(maps, shifts), outcomes),
            () => Array.ConvertAll(backend.Download(maps), value => (double)value));
        var results = new Matrix<double>[Bins];
        Matrix<double>[] first = Matrices(running, dimensions), second = Matrices(smoothed, dimensions);
        set.Add(
            "MathNet",
            () =>
            {
                for (int b = 0; b < Bins; b++)
                {
                    // A = L~ L^-1 with L^-1 = L^T Sigma^-1: there is a solver for Sigma, none for triangles.
                    Cholesky<double> whitening = first[b].Cholesky();
                    Matrix<double> colouring = second[b].Cholesky().Factor;
                    results[b] = whitening.Solve(whitening.Factor.TransposeAndMultiply(colouring)).Transpose() - Matrix<double>.Build.DenseIdentity(dimensions);
                }
            },
            () => [.. results.SelectMany(matrix => matrix.ToRowMajorArray())]);
        var loop = new double[running.Length];
        set.Add("loop", () => Loop(running, smoothed, dimensions, loop), () => loop);
        return set;
    }

    private static void Loop(float[] running, float[] smoothed, int dimensions, double[] maps)
    {
        double[] whitening = new double[dimensions * dimensions], colouring = new double[dimensions * dimensions];
        for (int b = 0; b < Bins; b++)
        {
            Cholesky(running.AsSpan(b * dimensions * dimensions), dimensions, whitening);
            Cholesky(smoothed.AsSpan(b * dimensions * dimensions), dimensions, colouring);
            Span<double> map = maps.AsSpan(b * dimensions * dimensions, dimensions * dimensions);
            for (int i = 0; i < dimensions; i++)
            {
                for (int j = i; j >= 0; j--)
                {
                    double sum = colouring[i * dimensions + j];
                    for (int k = j + 1; k <= i; k++)
                    {
                        sum -= (map[i * dimensions + k] + (k == i ? 1 : 0)) * whitening[k * dimensions + j];
                    }

                    map[i * dimensions + j] = sum / whitening[j * dimensions + j] - (i == j ? 1 : 0);
                }
            }
        }
    }

    private static void Cholesky(ReadOnlySpan<float> covariance, int dimensions, double[] factor)
    {
        for (int i = 0; i < dimensions; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = covariance[i * dimensions + j];
                for (int k = 0; k < j; k++)
                {
                    sum -= factor[i * dimensions + k] * factor[j * dimensions + k];
                }

                factor[i * dimensions + j] = i == j ? Math.Sqrt(sum) : sum / factor[j * dimensions + j];
            }
        }
    }

    /// <summary>Symmetric, with diagonals that dominate.</summary>
    private static float[] Covariances(int dimensions, ulong stream)
    {
        var values = new float[Bins * dimensions * dimensions];
        for (int at = 0; at < values.Length; at++)
        {
            int b = at / (dimensions * dimensions), i = at / dimensions % dimensions, j = at % dimensions;
            ulong entry = (ulong)((b * dimensions + Math.Max(i, j)) * dimensions + Math.Min(i, j));
            values[at] = i == j ? dimensions : 2 * CounterRandom.Uniform(stream, entry) - 1;
        }

        return values;
    }

    private static Matrix<double>[] Matrices(float[] values, int dimensions) =>
        [.. values.Chunk(dimensions * dimensions).Select(bin => Matrix<double>.Build.Dense(dimensions, dimensions, Array.ConvertAll(bin, value => (double)value)))];
}
