namespace DirKernels;

/// <summary>
/// Random numbers that are a pure function of (stream, index): the same on every backend and for every number of threads, in any order.
/// </summary>
/// <remarks>The output function of SplitMix64 (Steele, Lea and Flood, 2014) applied to <c>stream + (index + 1) 0x9E3779B97F4A7C15</c>.</remarks>
public static class CounterRandom
{
    /// <summary>Distance of the states of neighbouring indices.</summary>
    internal const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>First factor of the output function.</summary>
    internal const ulong FirstFactor = 0xBF58476D1CE4E5B9;

    /// <summary>Second factor of the output function.</summary>
    internal const ulong SecondFactor = 0x94D049BB133111EB;

    /// <summary>64 random bits.</summary>
    public static ulong Bits(ulong stream, ulong index)
    {
        ulong z = stream + (index + 1) * Golden;
        z = (z ^ (z >> 30)) * FirstFactor;
        z = (z ^ (z >> 27)) * SecondFactor;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1), a multiple of 2^-24.</summary>
    public static float Uniform(ulong stream, ulong index) => (int)(Bits(stream, index) >> 40) * (1f / (1 << 24));

    /// <summary>The key of an independent stream, made of a parent key and a number.</summary>
    public static ulong Stream(ulong parent, ulong number) => Bits(parent ^ 0xD1B54A32D192ED03, number);

    /// <summary>Shuffles by Fisher and Yates from the end with the numbers of one stream.</summary>
    public static void Shuffle(ulong stream, Span<int> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            // The high half of the product is uniform in 0..i up to a bias of i 2^-64.
            int j = (int)Math.BigMul(Bits(stream, (ulong)i), (ulong)i + 1, out _);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
