using System.Runtime.Intrinsics.X86;

namespace DirKernels.Backends.Cpu;

/// <summary>What is known of the processor beside its instructions.</summary>
internal static class ProcessorModel
{
    private const int Zen3And4 = 0x19;

    // Twelve letters, in the order of the registers b, d and c.
    private static readonly (int, int, int) _amd = (0x68747541, 0x69746E65, 0x444D4163);
    private static readonly (int, int, int) _intel = (0x756E6547, 0x49656E69, 0x6C65746E);

    /// <summary>
    /// Whether memory that lies anywhere is asked for to the second-level cache. Rows of 2 KB in the order of bins came at 26 GB/s instead of 10 on a Zen 4; on a Zen 5 statistics of such rows took up
    /// to twice the time. A Zen 3, which is of the same family, takes either request alike, but the passes over rows that go with the other one take 30 % longer for 400,000 rows of 64 columns.
    /// </summary>
    /// <remarks>Must be known before the kernels that ask are compiled: else each request is preceded by the question whether it is.</remarks>
    public static bool AsksSecondLevelCache { get; } = AmdFamily() == Zen3And4;

    /// <summary>
    /// Whether all cores have a last-level cache in common, as those of Intel do: what one makes for another goes through the caches then. Past them it goes to memory first, and a step of
    /// [13,256,256,256,1] on two threads of a Xeon took 3 % longer. Cores of AMD share one in groups, and two of different groups take up to a quarter less time past the caches.
    /// </summary>
    /// <remarks>Must be known before kernels are compiled, like <see cref="AsksSecondLevelCache"/>.</remarks>
    public static bool SharesLastLevelCache { get; } = Vendor() == _intel;

    /// <summary>Family of a processor of AMD, 0 of others.</summary>
    private static int AmdFamily()
    {
        if (Vendor() != _amd)
        {
            return 0;
        }

        // In two parts.
        (int signature, _, _, _) = X86Base.CpuId(1, 0);
        return ((signature >> 8) & 15) + ((signature >> 20) & 255);
    }

    private static (int First, int Second, int Third) Vendor()
    {
        if (!X86Base.IsSupported)
        {
            return default;
        }

        (_, int first, int third, int second) = X86Base.CpuId(0, 0);
        return (first, second, third);
    }
}
