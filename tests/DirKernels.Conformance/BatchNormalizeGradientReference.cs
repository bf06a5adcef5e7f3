namespace DirKernels.Conformance;

/// <summary>
/// Gradient of batch normalisation by the chain rule, step by step through the mean and the variance, given the mean and reciprocal deviation that the
/// forward operation left.
/// </summary>
public sealed class BatchNormalizeGradientReference
{
    public BatchNormalizeGradientReference(float[] x, int width, float[] gain, float[] batch, float[] dY)
    {
        int rows = x.Length / width;
        DGain = new double[width];
        DOffset = new double[width];
        GainMagnitude = new double[width];
        OffsetMagnitude = new double[width];
        DX = new double[x.Length];
        DXMagnitude = new double[x.Length];
        for (int j = 0; j < width; j++)
        {
            double mean = batch[j], inverse = batch[width + j], dVariance = 0, dMean = 0;
            for (int i = 0; i < rows; i++)
            {
                double d = dY[i * width + j], centred = x[i * width + j] - mean;
                DOffset[j] += d;
                OffsetMagnitude[j] += Math.Abs(d);
                DGain[j] += d * centred * inverse;
                GainMagnitude[j] += Math.Abs(d * centred * inverse);
                dVariance += d * gain[j] * centred * -0.5 * inverse * inverse * inverse;
                dMean -= d * gain[j] * inverse;
            }

            // The variance does not depend on the mean to first order: the centred values sum to 0.
            for (int i = 0; i < rows; i++)
            {
                double d = dY[i * width + j], centred = x[i * width + j] - mean;
                DX[i * width + j] = d * gain[j] * inverse + dVariance * 2 * centred / rows + dMean / rows;
                DXMagnitude[i * width + j] = Math.Abs(gain[j] * inverse)
                    * (Math.Abs(d) + OffsetMagnitude[j] / rows + Math.Abs(centred * inverse) * GainMagnitude[j] / rows);
            }
        }
    }

    public double[] DGain { get; }

    public double[] GainMagnitude { get; }

    public double[] DOffset { get; }

    public double[] OffsetMagnitude { get; }

    public double[] DX { get; }

    public double[] DXMagnitude { get; }
}
