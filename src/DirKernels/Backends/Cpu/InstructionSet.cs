using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>The register width that kernels use on this processor, a constant to the compiler.</summary>
internal static class InstructionSet
{
    /// <summary>512, 256 or 128 bits; 128 also stands for processors without vector instructions, where the same source runs in software.</summary>
    public static int Bits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>For people.</summary>
    public static string Name => Vector128.IsHardwareAccelerated ? $"{Bits}-bit SIMD" : "scalar";
}
