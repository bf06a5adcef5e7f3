namespace DirKernels.Conformance;

/// <summary>Which elements dropout keeps: SplitMix64, the state advanced step by step as its authors wrote it.</summary>
public static class DropoutReference
{
    public static bool[] Kept(int count, float rate, ulong stream) => [.. Uniform(count, stream).Select(u => u >= rate)];

    /// <summary>The random numbers of the elements, multiples of 2^-24 in [0, 1).</summary>
    public static double[] Uniform(int count, ulong stream)
    {
        ulong state = stream;
        var numbers = new double[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = (Next(ref state) >> 40) / (double)(1 << 24);
        }

        return numbers;
    }

    /// <summary>Key of stream <paramref name="number"/> below a parent key.</summary>
    public static ulong Stream(ulong parent, int number)
    {
        ulong state = parent ^ 0xD1B54A32D192ED03, key = 0;
        for (int i = 0; i <= number; i++)
        {
            key = Next(ref state);
        }

        return key;
    }

    private static ulong Next(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
