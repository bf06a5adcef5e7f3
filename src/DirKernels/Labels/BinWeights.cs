using System.Numerics;
using System.Runtime.CompilerServices;

namespace DirKernels.Labels;

/// <summary>Looks up the weight of each label's bin.</summary>
internal static unsafe class BinWeights
{
    private const int Unroll = 8;

    /// <summary>
    /// <c>weights[i] = table[bins[i]]</c>. The bins may be the last N elements of the weights' own memory, as wide or narrower than a weight:
    /// going forward, weight i overwrites no bin that is still to be read.
    /// </summary>
    /// <param name="bins">[N] in 0..B-1.</param>
    /// <param name="count">N.</param>
    /// <param name="table">[B].</param>
    /// <param name="weights">[N].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Look<TBin>(TBin* bins, int count, float* table, float* weights)
        where TBin : unmanaged, IBinaryInteger<TBin>
    {
        int i = 0;
        for (; i <= count - Unroll; i += Unroll)
        {
            // All eight bins are read before a weight is written.
            float a = table[uint.CreateTruncating(bins[i])], b = table[uint.CreateTruncating(bins[i + 1])];
            float c = table[uint.CreateTruncating(bins[i + 2])], d = table[uint.CreateTruncating(bins[i + 3])];
            float e = table[uint.CreateTruncating(bins[i + 4])], f = table[uint.CreateTruncating(bins[i + 5])];
            float g = table[uint.CreateTruncating(bins[i + 6])], h = table[uint.CreateTruncating(bins[i + 7])];
            weights[i] = a;
            weights[i + 1] = b;
            weights[i + 2] = c;
            weights[i + 3] = d;
            weights[i + 4] = e;
            weights[i + 5] = f;
            weights[i + 6] = g;
            weights[i + 7] = h;
        }

        for (; i < count; i++)
        {
            weights[i] = table[uint.CreateTruncating(bins[i])];
        }
    }
}
