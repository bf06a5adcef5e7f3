using DirKernels.Backends;

namespace DirKernels.Conformance;

/// <summary>Gradient of calibration: the transposed map of the row's bin.</summary>
public static class CalibrateGradientReference
{
    public static (double[] Value, double[] Magnitude) Gradient(float[] dCalibrated, int[] bins, BinShape shape, float[] maps)
    {
        int d = shape.Dimensions, g = shape.BlockSize;
        var value = new double[dCalibrated.Length];
        var magnitude = new double[dCalibrated.Length];
        for (int r = 0; r < bins.Length; r++)
        {
            for (int j = 0; j < d; j++)
            {
                double sum = dCalibrated[r * d + j], size = Math.Abs(sum);
                for (int i = j; i < Math.Min(d, (j / g + 1) * g); i++)
                {
                    double term = (double)maps[(bins[r] * d + i) * g + j % g] * dCalibrated[r * d + i];
                    sum += term;
                    size += Math.Abs(term);
                }

                value[r * d + j] = sum;
                magnitude[r * d + j] = size;
            }
        }

        return (value, magnitude);
    }
}
