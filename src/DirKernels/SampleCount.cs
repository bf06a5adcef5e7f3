namespace DirKernels;

/// <summary>The one limit of numbers of samples: whole numbers that double precision holds exactly.</summary>
internal static class SampleCount
{
    /// <summary>2^53, the most samples that statistics hold together.</summary>
    public const long Largest = 1L << 53;

    /// <summary>Sum of two totals.</summary>
    /// <exception cref="ArgumentException">It is more than <see cref="Largest"/>.</exception>
    public static long Sum(long first, long second) => second <= Largest - first
        ? first + second
        : throw new ArgumentException($"{first} and {second} samples are together more than 2^53, which double precision cannot count");
}
