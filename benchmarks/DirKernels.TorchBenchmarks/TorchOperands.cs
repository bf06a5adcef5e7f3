using DirKernels.Benchmarks.Peers;
using static TorchSharp.torch;

namespace DirKernels.TorchBenchmarks;

/// <summary>Operands on libtorch's side, and formulations added to a set.</summary>
internal static class TorchOperands
{
    /// <summary>Numbers in [-1, 1).</summary>
    public static float[] Uniform(ulong stream, int count) => [.. Enumerable.Range(0, count).Select(i => 2 * CounterRandom.Uniform(stream, (ulong)i) - 1)];

    /// <summary>A tensor that the set disposes of: a vector, unless a shape is given.</summary>
    public static Tensor Upload(this PeerSet set, float[] values, params long[] shape) => set.Own(tensor(values, shape.Length == 0 ? [values.Length] : shape));

    /// <inheritdoc cref="Upload(PeerSet, float[], long[])"/>
    public static Tensor Upload(this PeerSet set, int[] values) => set.Own(tensor(values));

    /// <summary>Adds a formulation that returns its result.</summary>
    /// <param name="set">The set.</param>
    /// <param name="name">What it does, for people.</param>
    /// <param name="formulation">What is measured.</param>
    /// <param name="compared">What is compared with the library's numbers, made from the result; the result itself when null.</param>
    public static void Add(this PeerSet set, string name, Func<Tensor> formulation, Func<Tensor, Tensor>? compared = null)
    {
        TorchResult result = set.Own(new TorchResult());
        set.Add(name, result.Run(formulation), () => result.Numbers(compared));
    }

    /// <summary>A row, or some, times a matrix, and what is added to it.</summary>
    public static Tensor Affine(Tensor added, Tensor rows, Tensor matrix) => addmm(added, rows, matrix, beta: 1, alpha: 1);

    /// <summary>As double precision.</summary>
    public static double[] Widen(float[] values) => Array.ConvertAll(values, value => (double)value);
}
