using DirKernels.Backends;

namespace DirKernels.Conformance;

/// <summary>Calibration of rows with the map of their bin, each value with the sum of magnitudes that bounds its rounding.</summary>
public static class CalibrateReference
{
    public static (double[] Value, double[] Magnitude) Calibrate(float[] features, int[] bins, BinShape shape, float[] means, float[] maps, float[] shifts)
    {
        int d = shape.Dimensions, g = shape.BlockSize;
        var value = new double[features.Length];
        var magnitude = new double[features.Length];
        for (int r = 0; r < bins.Length; r++)
        {
            int b = bins[r];
            for (int i = 0; i < d; i++)
            {
                double z = features[r * d + i], shift = shifts[b * d + i];
                double sum = z + shift, size = Math.Abs(z) + Math.Abs(shift);
                for (int j = i / g * g; j <= i; j++)
                {
                    double term = maps[(b * d + i) * g + j % g] * ((double)features[r * d + j] - means[b * d + j]);
                    sum += term;
                    size += Math.Abs(term);
                }

                value[r * d + i] = sum;
                magnitude[r * d + i] = size;
            }
        }

        return (value, magnitude);
    }
}
