namespace DirKernels.Data;

/// <summary>Hashes of rows of 64 bits, computed column by column: two different rows have the same one by an accident of 1 in 2^64.</summary>
internal static class RowHash
{
    /// <summary>The hash of a row with one more value: a step of SplitMix64, a bijection of each operand.</summary>
    public static ulong Append(ulong hash, ulong value)
    {
        ulong mixed = (hash ^ value) + 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A number as 64 bits; adding 0 makes negative zero, which is an equal number, the same bits.</summary>
    public static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value + 0.0);
}
