using ILGPU;

namespace DirKernels.Gpu;

/// <summary>Sums over the threads of a group by a tree in shared memory: always in the same order, on any device.</summary>
internal static class GroupSum
{
    /// <summary>
    /// Adds the values of threads that share a column, <c>thread = lane columns + column</c>; afterwards the first <paramref name="columns"/> entries hold the sums.
    /// All threads call it, with one entry each in <paramref name="shared"/>; lanes are a power of two.
    /// </summary>
    public static void OfColumns(ArrayView<double> shared, double value, int columns)
    {
        int thread = Group.IdxX;
        shared[thread] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half >= columns; half /= 2)
        {
            if (thread < half)
            {
                shared[thread] += shared[thread + half];
            }

            Group.Barrier();
        }
    }

    /// <summary>The sum over all threads, which every thread receives.</summary>
    public static double OfAll(ArrayView<double> shared, double value)
    {
        OfColumns(shared, value, 1);
        double sum = shared[0];
        Group.Barrier();
        return sum;
    }
}
