namespace DirKernels.Conformance;

/// <summary>Numbers to compute with, a function of their seed.</summary>
public static class SampleNumbers
{
    /// <summary>Normally distributed numbers.</summary>
    public static float[] Normal(int seed, int count, double mean = 0, double deviation = 1)
    {
        var random = new Random(seed);
        var numbers = new float[count];
        for (int i = 0; i < count; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            numbers[i] = (float)(mean + deviation * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return numbers;
    }

    /// <summary>Uniform numbers in [lower, upper).</summary>
    public static float[] Uniform(int seed, int count, double lower, double upper)
    {
        var random = new Random(seed);
        var numbers = new float[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = (float)(lower + (upper - lower) * random.NextDouble());
        }

        return numbers;
    }

    /// <summary>Bins of rows, the low ones frequent and the high ones rare; bins in <paramref name="empty"/> stay without rows.</summary>
    public static int[] Bins(int seed, int count, int binCount, params int[] empty)
    {
        var random = new Random(seed);
        var bins = new int[count];
        for (int i = 0; i < count; i++)
        {
            do
            {
                double u = random.NextDouble();
                bins[i] = (int)(u * u * binCount);
            }
            while (empty.Contains(bins[i]));
        }

        return bins;
    }
}
