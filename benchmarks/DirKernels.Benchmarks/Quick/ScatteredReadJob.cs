using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DirKernels.Backends.Cpu;

namespace DirKernels.Benchmarks.Quick;

/// <summary>
/// Sums rows of 512 numbers, 2 KB, in the order of 100 bins: all rows of a bin, then those of the next. The only arithmetic is one addition a number; every row is asked
/// for early.
/// </summary>
internal unsafe struct ScatteredReadJob : IBlockJob
{
    /// <summary>Numbers of a row.</summary>
    public const int Width = 512;

    private static float _sink;

    /// <summary>[rows x Width].</summary>
    public float* Source;

    /// <summary>Numbers of the rows of all blocks, as they are visited.</summary>
    public int* Order;

    /// <summary>Rows of one block.</summary>
    public int Rows;

    /// <summary>Rows 0..n-1 grouped by bins drawn at random, ascending within a bin.</summary>
    /// <param name="order">[n] where they are written.</param>
    public static void GroupAtRandom(Span<int> order)
    {
        const int Bins = 100;
        var random = new Random(1);
        var bins = new int[order.Length];
        for (int row = 0; row < order.Length; row++)
        {
            order[row] = row;
            bins[row] = random.Next(Bins);
        }

        // Comparison by bin and row, since sorting is not stable.
        order.Sort((left, right) => bins[left] != bins[right] ? bins[left].CompareTo(bins[right]) : left.CompareTo(right));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int block)
    {
        int* order = Order + (long)block * Rows;
        int ahead = CacheLine.RowsAhead(Width);
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (int r = 0; r < Rows; r++)
        {
            float* from = Source + (long)order[r] * Width, next = Source + (long)order[Math.Min(r + ahead, Rows - 1)] * Width;
            for (int i = 0; i < Width; i += 32)
            {
                CacheLine.FetchFar(next + i);
                CacheLine.FetchFar(next + i + 16);
                s0 += Vector256.Load(from + i);
                s1 += Vector256.Load(from + i + 8);
                s2 += Vector256.Load(from + i + 16);
                s3 += Vector256.Load(from + i + 24);
            }
        }

        _sink = Vector256.Sum(s0 + s1 + (s2 + s3));
    }
}
