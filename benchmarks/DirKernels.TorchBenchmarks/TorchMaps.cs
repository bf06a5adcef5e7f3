using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Benchmarks.Peers;
using DirKernels.Benchmarks.Quick;
using static TorchSharp.torch;

namespace DirKernels.TorchBenchmarks;

/// <summary>Cholesky factors of 100 covariances, and <c>A L = R</c> for triangular L and R: from and to single precision, inside in double by the library and in single by libtorch.</summary>
internal static class TorchMaps
{
    private const int Bins = BinnedRows.Bins;

    public static PeerSet Cholesky(CpuBackend backend, int dimensions)
    {
        // The library's factors stay in its working memory and are compared by its conformance suite; here those of libtorch are multiplied out again.
        var set = new PeerSet("cholesky", 2e-6);
        AddLibrary(set, backend, dimensions, solve: false, _ => TorchOperands.Widen(Covariances(dimensions)));
        Tensor covariances = set.Upload(Covariances(dimensions), Bins, dimensions, dimensions);
        set.Add("linalg.cholesky", () => linalg.cholesky(covariances), Square);
        set.Add("linalg.cholesky, matrix by matrix", () => stack([.. Enumerable.Range(0, Bins).Select(bin => linalg.cholesky(covariances[bin]))]), Square);
        return set;
    }

    public static PeerSet Maps(CpuBackend backend, int dimensions)
    {
        var set = new PeerSet("maps", 2e-5);
        AddLibrary(set, backend, dimensions, solve: true, maps => TorchOperands.Widen(backend.Download(maps)));
        Tensor covariances = set.Upload(Covariances(dimensions), Bins, dimensions, dimensions), right = set.Own(covariances.tril());
        Tensor factors = set.Own(linalg.cholesky(covariances[0]).expand(Bins, dimensions, dimensions).contiguous()), identity = set.Own(eye(dimensions));
        set.Add("linalg.solve_triangular", () => linalg.solve_triangular(factors, right, upper: false, left: false), map => map.sub(identity));
        set.Add(
            "linalg.solve_triangular, matrix by matrix",
            () => stack([.. Enumerable.Range(0, Bins).Select(bin => linalg.solve_triangular(factors[bin], right[bin], upper: false, left: false))]),
            map => map.sub(identity));
        return set;
    }

    private static Tensor Square(Tensor factors) => factors.matmul(factors.transpose(1, 2));

    // That of quick, which keeps the maps in the second of its buffers.
    private static void AddLibrary(PeerSet set, CpuBackend backend, int dimensions, bool solve, Func<DeviceBuffer<float>, double[]> compared)
    {
        DeviceBuffer<float> covariances = backend.Upload(Covariances(dimensions));
        QuickRow row = solve ? QuickMapRows.Maps(backend, dimensions, () => covariances) : QuickMapRows.Cholesky(backend, dimensions, () => covariances);
        (Action run, IDisposable[] owned) = row.Prepare();
        foreach (IDisposable item in owned)
        {
            set.Own(item);
        }

        set.Add(PeerSet.Library, run, () => compared((DeviceBuffer<float>)owned[1]));
    }

    /// <summary>Symmetric, with diagonals that dominate.</summary>
    private static float[] Covariances(int dimensions)
    {
        var values = new float[Bins * dimensions * dimensions];
        for (int at = 0; at < values.Length; at++)
        {
            int bin = at / (dimensions * dimensions), i = at / dimensions % dimensions, j = at % dimensions;
            ulong entry = (ulong)((bin * dimensions + Math.Max(i, j)) * dimensions + Math.Min(i, j));
            values[at] = i == j ? dimensions : 2 * CounterRandom.Uniform(5, entry) - 1;
        }

        return values;
    }
}
