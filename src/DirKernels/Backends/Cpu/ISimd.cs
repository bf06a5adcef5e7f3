using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// One width of vector registers. Kernels are written once over this and compiled per width, so that 128-bit builds (NEON, ahead-of-time
/// baseline) run the same source as AVX-512.
/// </summary>
/// <typeparam name="TVector">The register type.</typeparam>
internal unsafe interface ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Single-precision lanes of a register.</summary>
    static abstract int Width { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(TVector vector, float* destination);

    /// <summary>Stores past the caches, to an address aligned to the register: for results larger than the caches that are not read soon.</summary>
    static abstract void StoreAround(TVector vector, float* destination);

    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a b + c, fused where the processor fuses, two instructions where it does not; never a software call.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    static abstract TVector Divide(TVector a, TVector b);

    static abstract TVector Sqrt(TVector a);

    /// <summary>0 where the magnitude is below a bound; NaN is not.</summary>
    static abstract TVector ZeroBelow(TVector bound, TVector value);

    static abstract TVector Max(TVector a, TVector b);

    /// <summary>0 where a value is less; NaN is not.</summary>
    static abstract TVector Relu(TVector value);

    static abstract float Sum(TVector vector);

    /// <summary>The sums of four registers.</summary>
    static abstract Vector128<float> Sums(TVector a, TVector b, TVector c, TVector d);
}
