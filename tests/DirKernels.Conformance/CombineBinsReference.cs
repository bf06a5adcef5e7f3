using DirKernels.Backends;

namespace DirKernels.Conformance;

public static class CombineBinsReference
{
    public static (double[] Value, double[] Magnitude) Combine(float[] source, BinTaps taps, int width)
    {
        var value = new double[taps.BinCount * width];
        var magnitude = new double[value.Length];
        for (int b = 0; b < taps.BinCount; b++)
        {
            for (int k = 0; k < taps.TapCount; k++)
            {
                double weight = taps.Weights[b * taps.TapCount + k];
                for (int i = 0; i < width && weight != 0; i++)
                {
                    double term = weight * source[taps.Indices[b * taps.TapCount + k] * width + i];
                    value[b * width + i] += term;
                    magnitude[b * width + i] += Math.Abs(term);
                }
            }
        }

        return (value, magnitude);
    }
}
