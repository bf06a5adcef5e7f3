namespace DirKernels.Labels;

/// <summary>The effective label density in the unit of the empirical one, so that both can be drawn on one axis.</summary>
public static class LabelDensity
{
    /// <summary>
    /// <c>density[b] = sum_x k(x) counts[b + x]</c>, x = -half..half, k with sum 1: training rows per bin, averaged over the window.
    /// </summary>
    /// <param name="counts">B counts, finite and not negative.</param>
    /// <param name="kernel">Smoothing window; when it has more taps than there are bins, or is null, the counts themselves are returned.</param>
    /// <param name="boundary"><see cref="Boundary.Zero"/> or <see cref="Boundary.Symmetric"/>.</param>
    /// <returns>[B], proportional to the density behind inverse weights (<see cref="LabelDistributionSmoothing.EffectiveDensity"/>).</returns>
    /// <exception cref="InvalidDataException">A count is negative or not finite; the message names its bin.</exception>
    /// <exception cref="ArgumentException">A mirror boundary.</exception>
    public static double[] Effective(ReadOnlySpan<double> counts, SmoothingKernel? kernel, Boundary boundary = Boundary.Zero)
    {
        var density = new double[counts.Length];
        SmoothingKernel? window = kernel?.Size <= counts.Length ? kernel : null;
        LabelDistributionSmoothing.EffectiveDensity(counts, window, Reweighting.Power(1), boundary, density);
        if (window is not null)
        {
            double sum = 0;
            foreach (double tap in window.UnitMaximumTaps)
            {
                sum += tap;
            }

            for (int b = 0; b < density.Length; b++)
            {
                density[b] /= sum;
            }
        }

        return density;
    }
}
