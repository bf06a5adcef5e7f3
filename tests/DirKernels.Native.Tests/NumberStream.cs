namespace DirKernels.Native.Tests;

/// <summary>The numbers that the examples make: a linear congruential generator with the multiplier of Knuth's MMIX, upper 24 bits.</summary>
internal sealed class NumberStream(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next number in [0, 1).</summary>
    public double Next()
    {
        _state = _state * 6364136223846793005 + 1442695040888963407;
        return (_state >> 40) / 16777216.0;
    }

    /// <summary>Some numbers.</summary>
    public double[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];
}
