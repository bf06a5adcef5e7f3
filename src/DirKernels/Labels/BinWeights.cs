using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using DirKernels.Backends.Cpu;

namespace DirKernels.Labels;

/// <summary>Looks up the weight of each label's bin.</summary>
internal static unsafe class BinWeights
{
    private const int Unroll = 8;

    /// <summary>Entries of the largest table that eight registers hold.</summary>
    private const int MostPermuted = 128;

    /// <summary>Weights that wait.</summary>
    private const int Block = 512;

    /// <summary>Weights that are larger than the caches are stored past them: they are not read before the first have gone.</summary>
    private const int FewestAround = 1 << 20;

    /// <summary>
    /// <c>weights[i] = table[bins[i]]</c>. The bins may be the last N elements of the weights' own memory, as wide or narrower than a weight:
    /// going forward, weight i overwrites no bin that is still to be read.
    /// </summary>
    /// <param name="bins">[N] in 0..B-1.</param>
    /// <param name="count">N.</param>
    /// <param name="table">[B].</param>
    /// <param name="entries">B.</param>
    /// <param name="weights">[N].</param>
    /// <param name="all">Weights of all threads together.</param>
    public static void Look<TBin>(TBin* bins, int count, float* table, int entries, float* weights, int all)
        where TBin : unmanaged, IBinaryInteger<TBin>
    {
        int done = 0;
        if (all >= FewestAround)
        {
            bool fits = sizeof(TBin) == sizeof(byte) && entries <= MostPermuted && InstructionSet.Bits == 512;
            done = fits ? Permute((byte*)bins, count, table, entries, weights) : LookAround(bins, count, table, weights);
        }

        LookEach(bins + done, count - done, table, weights + done);
        if (done > 0)
        {
            // Stores past the caches are not ordered with others: they come first for whoever is told of the result.
            Interlocked.MemoryBarrier();
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static void LookEach<TBin>(TBin* bins, int count, float* table, float* weights)
        where TBin : unmanaged, IBinaryInteger<TBin>
    {
        TBin* end = bins + count;
        for (TBin* whole = bins + (count & -Unroll); bins < whole; bins += Unroll, weights += Unroll)
        {
            // All eight bins are read before a weight is written.
            float a = table[uint.CreateTruncating(bins[0])], b = table[uint.CreateTruncating(bins[1])];
            float c = table[uint.CreateTruncating(bins[2])], d = table[uint.CreateTruncating(bins[3])];
            float e = table[uint.CreateTruncating(bins[4])], f = table[uint.CreateTruncating(bins[5])];
            float g = table[uint.CreateTruncating(bins[6])], h = table[uint.CreateTruncating(bins[7])];
            weights[0] = a;
            weights[1] = b;
            weights[2] = c;
            weights[3] = d;
            weights[4] = e;
            weights[5] = f;
            weights[6] = g;
            weights[7] = h;
        }

        for (; bins < end; bins++, weights++)
        {
            *weights = table[uint.CreateTruncating(*bins)];
        }
    }

    // Weights of a block wait on the stack until they have left the store buffer, then go past the caches.
    private static int LookAround<TBin>(TBin* bins, int count, float* table, float* weights)
        where TBin : unmanaged, IBinaryInteger<TBin>
    {
        float* block = stackalloc float[Block];
        int i = Aligned(weights, count);
        LookEach(bins, i, table, weights);
        for (; i <= count - Block; i += Block)
        {
            LookEach(bins + i, Block, table, block);
            for (int j = 0; j < Block; j += Vector<float>.Count)
            {
                Vector.Load(block + j).StoreAlignedNonTemporal(weights + i + j);
            }
        }

        return i;
    }

    // Elements before the first whole cache line.
    private static int Aligned(float* weights, int count) =>
        (int)Math.Min((nuint)count, (CacheLine.Size - ((nuint)weights & (CacheLine.Size - 1))) % CacheLine.Size / sizeof(float));

    // The table lies in eight registers: four permutations of two of them each, and three choices by the higher bits of a bin, give 16 weights.
    [MethodImpl(KernelMethod.Options)]
    private static int Permute(byte* bins, int count, float* table, int entries, float* weights)
    {
        float* padded = stackalloc float[MostPermuted];
        new Span<float>(padded, MostPermuted).Clear();
        new ReadOnlySpan<float>(table, entries).CopyTo(new Span<float>(padded, MostPermuted));
        Vector512<float> t0 = Vector512.Load(padded), t1 = Vector512.Load(padded + 16), t2 = Vector512.Load(padded + 32), t3 = Vector512.Load(padded + 48);
        Vector512<float> t4 = Vector512.Load(padded + 64), t5 = Vector512.Load(padded + 80), t6 = Vector512.Load(padded + 96), t7 = Vector512.Load(padded + 112);
        int i = Aligned(weights, count);
        LookEach(bins, i, table, weights);
        for (; i <= count - 16; i += 16)
        {
            Vector512<int> bin = Avx512F.ConvertToVector512Int32(Vector128.Load(bins + i));
            Vector512<float> low = Vector512.ConditionalSelect(Bit(bin, 5), Avx512F.PermuteVar16x32x2(t2, bin, t3), Avx512F.PermuteVar16x32x2(t0, bin, t1));
            Vector512<float> high = Vector512.ConditionalSelect(Bit(bin, 5), Avx512F.PermuteVar16x32x2(t6, bin, t7), Avx512F.PermuteVar16x32x2(t4, bin, t5));
            Vector512.ConditionalSelect(Bit(bin, 6), high, low).StoreAlignedNonTemporal(weights + i);
        }

        return i;
    }

    // All bits of a lane where one of its bits is set.
    private static Vector512<float> Bit(Vector512<int> bin, int bit) => ((bin << (31 - bit)) >> 31).AsSingle();
}
