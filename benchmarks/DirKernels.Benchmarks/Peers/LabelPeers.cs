using System.Numerics.Tensors;
using DirKernels.Labels;

namespace DirKernels.Benchmarks.Peers;

/// <summary>From labels to inverse-root weights of their bins, all scaled to mean 1; window of one tap, so that all compute the same.</summary>
internal static class LabelPeers
{
    private const int Bins = 100;

    public static PeerSet Create(int count)
    {
        double[] labels = [.. Enumerable.Range(0, count).Select(i => -20 * Math.Log(1 - CounterRandom.Uniform(1, (ulong)i)))];
        var set = new PeerSet(FormattableString.Invariant($"label weights {count / 1e6:G3}M"), 2e-5);
        var grid = LabelBins.Uniform(0, 1, Bins);
        float[] library = new float[count], dictionary = new float[count], tensors = new float[count];
        set.Add(
            PeerSet.Library,
            () => LabelDistributionSmoothing.Weights(labels, grid, SmoothingKernel.Create(SmoothingKernelShape.Gaussian, 1, 1), Reweighting.SqrtInverse, library),
            () => Array.ConvertAll(library, value => (double)value));
        set.Add("loop", () => DictionaryLoop(labels, dictionary), () => Array.ConvertAll(dictionary, value => (double)value));
        var scratch = new double[4096];
        var bins = new int[count];
        set.Add("tensors", () => Tensors(labels, scratch, bins, tensors), () => Array.ConvertAll(tensors, value => (double)value));
        return set;
    }

    private static void DictionaryLoop(double[] labels, float[] weights)
    {
        var counts = new Dictionary<int, int>();
        foreach (double label in labels)
        {
            int bin = Math.Clamp((int)Math.Floor(label), 0, Bins - 1);
            counts[bin] = counts.GetValueOrDefault(bin) + 1;
        }

        double sum = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            weights[i] = 1 / MathF.Sqrt(counts[Math.Clamp((int)Math.Floor(labels[i]), 0, Bins - 1)]);
            sum += weights[i];
        }

        float factor = (float)(labels.Length / sum);
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] *= factor;
        }
    }

    private static void Tensors(double[] labels, double[] scratch, int[] bins, float[] weights)
    {
        Span<int> counts = stackalloc int[Bins];
        counts.Clear();
        for (int start = 0; start < labels.Length; start += scratch.Length)
        {
            int length = Math.Min(scratch.Length, labels.Length - start);
            Span<double> piece = scratch.AsSpan(0, length);
            TensorPrimitives.Floor(labels.AsSpan(start, length), piece);
            TensorPrimitives.Clamp<double>(piece, 0, Bins - 1, piece);
            TensorPrimitives.ConvertTruncating<double, int>(piece, bins.AsSpan(start, length));
            foreach (int bin in bins.AsSpan(start, length))
            {
                counts[bin]++;
            }
        }

        Span<float> table = stackalloc float[Bins];
        double sum = 0;
        for (int b = 0; b < Bins; b++)
        {
            table[b] = counts[b] > 0 ? 1 / MathF.Sqrt(counts[b]) : 0;
            sum += (double)table[b] * counts[b];
        }

        TensorPrimitives.Multiply(table, (float)(labels.Length / sum), table);
        for (int i = 0; i < bins.Length; i++)
        {
            weights[i] = table[bins[i]];
        }
    }
}
