namespace DirKernels.Conformance;

public static class BlendBinsReference
{
    public static double[] Blend(double[] epoch, double[] keep, double[] take, int width, float[] running)
    {
        var result = new double[running.Length];
        for (int i = 0; i < running.Length; i++)
        {
            int b = i / width;
            result[i] = (keep[b] == 0 ? 0 : keep[b] * running[i]) + (take[b] == 0 ? 0 : take[b] * epoch[i]);
        }

        return result;
    }
}
