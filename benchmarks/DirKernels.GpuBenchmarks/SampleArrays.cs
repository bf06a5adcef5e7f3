namespace DirKernels.GpuBenchmarks;

/// <summary>Numbers to compute with, a function of their seed; made in parallel, since there are gigabytes of them.</summary>
internal static class SampleArrays
{
    private const int Piece = 1 << 16;

    /// <summary>Numbers with mean 0 and deviation 1: sums of four uniform ones.</summary>
    public static float[] Bell(ulong seed, long count)
    {
        var numbers = new float[count];
        Fill(count, i =>
        {
            ulong bits = CounterRandom.Bits(seed, (ulong)i);
            int sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
            numbers[i] = (sum - 131_070) * (1.7320508f / 65_536);
        });
        return numbers;
    }

    /// <summary>Labels from 0 to <paramref name="bins"/>, the low ones frequent and the high ones rare.</summary>
    public static double[] Labels(ulong seed, int count, int bins)
    {
        var labels = new double[count];
        Fill(count, i =>
        {
            double u = CounterRandom.Uniform(seed, (ulong)i);
            labels[i] = u * u * bins;
        });
        return labels;
    }

    /// <summary>The bins of such labels.</summary>
    public static int[] Bins(ulong seed, int count, int bins) => Array.ConvertAll(Labels(seed, count, bins), label => Math.Min(bins - 1, (int)label));

    private static void Fill(long count, Action<long> one) => Parallel.For(0, (count + Piece - 1) / Piece, piece =>
    {
        for (long i = piece * Piece; i < Math.Min(count, (piece + 1) * Piece); i++)
        {
            one(i);
        }
    });
}
