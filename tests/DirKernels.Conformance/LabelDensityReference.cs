namespace DirKernels.Conformance;

/// <summary>Plain double loops for label distribution smoothing, written from the formulas alone.</summary>
public static class LabelDensityReference
{
    /// <summary>Effective density: clip and power of every count, then the sum over taps, position by position.</summary>
    public static double[] EffectiveDensity(double[] counts, double[]? taps, double power, double clipLower, double clipUpper, bool symmetric)
    {
        int bins = counts.Length;
        var density = new double[bins];
        for (int b = 0; b < bins; b++)
        {
            for (int k = 0; k < (taps?.Length ?? 1); k++)
            {
                int at = b + k - (taps?.Length ?? 1) / 2;
                while (symmetric && (at < 0 || at >= bins))
                {
                    at = at < 0 ? -1 - at : 2 * bins - 1 - at;
                }

                if (at >= 0 && at < bins)
                {
                    double clipped = counts[at] < clipLower ? clipLower : counts[at] > clipUpper ? clipUpper : counts[at];
                    density[b] += (taps?[k] ?? 1) * Math.Pow(clipped, power);
                }
            }
        }

        return density;
    }

    /// <summary>Inverse density, scaled to a mean of 1 over the samples; 0 where the density is.</summary>
    public static double[] Weights(double[] counts, double[] density)
    {
        double[] inverse = [.. density.Select(d => d == 0 ? 0 : 1 / d)];
        double mean = counts.Zip(inverse, (n, w) => n * w).Sum() / counts.Sum();
        return [.. inverse.Select(w => w / mean)];
    }
}
