namespace DirKernels.Conformance;

public static class BatchNormalizeFixedReference
{
    public static double[] Normalize(float[] x, int width, float[] gain, float[] offset, double epsilon, float[] running)
    {
        var y = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int j = i % width;
            y[i] = gain[j] * ((double)x[i] - running[j]) / Math.Sqrt(running[width + j] + epsilon) + offset[j];
        }

        return y;
    }
}
