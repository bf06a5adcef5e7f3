using DirKernels.Backends;

namespace DirKernels.Features;

/// <summary>
/// The pairwise update of two sets of samples, in double precision: <c>n = n_a + n_b</c>, <c>d = mean_b - mean_a</c>, <c>mean = mean_a + d n_b/n</c>,
/// <c>M2 = M2_a + M2_b + d d^T n_a n_b/n</c>.
/// </summary>
/// <remarks>
/// A side without samples leaves the other as it is, to the bit. Accuracy: each merge rounds every number a few times, whatever the size of the means:
/// only their difference is squared. Source: Chan, Golub and LeVeque, 1979.
/// </remarks>
internal static class MomentsMerge
{
    /// <summary>Merges the second set into the first.</summary>
    /// <param name="shape">D and g; B is not read.</param>
    /// <param name="count">n_a.</param>
    /// <param name="mean">[D] mean_a; receives the mean of both.</param>
    /// <param name="scatter">[D x g] M2_a, lower triangles of the blocks; receives the scatter of both. The rest is not looked at.</param>
    /// <param name="otherCount">n_b.</param>
    /// <param name="otherMean">[D].</param>
    /// <param name="otherScatter">[D x g].</param>
    public static void Merge(
        BinShape shape, long count, Span<double> mean, Span<double> scatter, long otherCount, ReadOnlySpan<double> otherMean, ReadOnlySpan<double> otherScatter)
    {
        if (otherCount == 0)
        {
            return;
        }

        if (count == 0)
        {
            otherMean.CopyTo(mean);
            otherScatter.CopyTo(scatter);
            return;
        }

        double share = otherCount / (double)(count + otherCount), between = count * share;
        for (int i = 0; i < shape.Dimensions; i++)
        {
            int start = shape.BlockStart(i), at = i * shape.BlockSize;
            double factor = between * (otherMean[i] - mean[i]);
            for (int j = start; j <= i; j++)
            {
                scatter[at + j - start] += otherScatter[at + j - start] + factor * (otherMean[j] - mean[j]);
            }
        }

        for (int i = 0; i < shape.Dimensions; i++)
        {
            mean[i] += (otherMean[i] - mean[i]) * share;
        }
    }
}
