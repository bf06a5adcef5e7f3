using System.Numerics.Tensors;

namespace DirKernels.Features;

/// <summary>Bin means smoothed over bins by a line fitted around each bin.</summary>
/// <remarks>
/// <c>m_b = a</c> of the a, s that minimise <c>sum_c N_c exp(-(c - b)^2/(2 sigma^2)) |mu_c - a - s (c - b)|^2</c> over bins with samples: unlike a local mean it
/// has no bias where the means go along a line, nor at the ends. Where only one bin is in reach it is that bin's mean. Source: Cleveland, 1979; Fan and
/// Gijbels, 1996.
/// </remarks>
internal static class LocalLinearMeans
{
    // Weights below exp(-18) of the largest are left out.
    private const double ReachInSigmas = 6;

    /// <summary>Smooths the means of bins with samples; the others get zeros.</summary>
    /// <param name="means">[B x D].</param>
    /// <param name="counts">[B] samples, not negative.</param>
    /// <param name="sigma">Standard deviation of the window, in bins.</param>
    /// <param name="smoothed">[B x D].</param>
    public static void Smooth(ReadOnlySpan<double> means, ReadOnlySpan<double> counts, double sigma, Span<double> smoothed)
    {
        int bins = counts.Length, dimensions = means.Length / bins, reach = (int)Math.Min(bins, Math.Ceiling(ReachInSigmas * sigma));
        smoothed.Clear();
        for (int b = 0; b < bins; b++)
        {
            if (counts[b] == 0)
            {
                continue;
            }

            int first = Math.Max(0, b - reach), last = Math.Min(bins - 1, b + reach);
            double mass = 0, moment = 0, spread = 0;
            for (int c = first; c <= last; c++)
            {
                double weight = Weight(counts[c], c - b, sigma);
                mass += weight;
                moment += weight * (c - b);
                spread += weight * (c - b) * (c - b);
            }

            double determinant = mass * spread - moment * moment;
            bool isLine = determinant > 1e-12 * mass * spread;
            Span<double> row = smoothed.Slice(b * dimensions, dimensions);
            for (int c = first; c <= last; c++)
            {
                double weight = Weight(counts[c], c - b, sigma);
                double share = isLine ? weight * (spread - moment * (c - b)) / determinant : weight / mass;
                if (share != 0)
                {
                    TensorPrimitives.MultiplyAdd(means.Slice(c * dimensions, dimensions), share, row, row);
                }
            }
        }
    }

    private static double Weight(double count, int offset, double sigma) => count == 0 ? 0 : count * Math.Exp(-0.5 * offset * offset / (sigma * sigma));
}
