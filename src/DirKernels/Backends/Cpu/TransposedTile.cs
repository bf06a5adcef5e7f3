using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DirKernels.Backends.Cpu;

/// <summary>Four by four or eight by eight elements, transposed in registers.</summary>
internal static unsafe class TransposedTile
{
    /// <summary>Rows and columns of the smaller one.</summary>
    public const int Size = 4;

    /// <summary>Whether the processor can; otherwise elements are copied one by one.</summary>
    public static bool IsFast => Sse.IsSupported;

    /// <summary>Whether the processor can transpose eight by eight.</summary>
    public static bool IsFastForEight => Avx.IsSupported;

    /// <summary><c>to[j, i] = from[i, j]</c>; requires <see cref="IsFast"/>.</summary>
    public static void Copy(float* from, nint fromStride, float* to, nint toStride)
    {
        Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + fromStride);
        Vector128<float> c = Vector128.Load(from + 2 * fromStride), d = Vector128.Load(from + 3 * fromStride);
        Vector128<float> abLow = Sse.UnpackLow(a, b), abHigh = Sse.UnpackHigh(a, b), cdLow = Sse.UnpackLow(c, d), cdHigh = Sse.UnpackHigh(c, d);
        Sse.MoveLowToHigh(abLow, cdLow).Store(to);
        Sse.MoveHighToLow(cdLow, abLow).Store(to + toStride);
        Sse.MoveLowToHigh(abHigh, cdHigh).Store(to + 2 * toStride);
        Sse.MoveHighToLow(cdHigh, abHigh).Store(to + 3 * toStride);
    }

    /// <summary><c>to[j, i] = from[i, j]</c> of eight by eight; requires <see cref="IsFastForEight"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyEight(float* from, nint fromStride, float* to, nint toStride)
    {
        CopyFourOfEight(from, fromStride, to, toStride);
        CopyFourOfEight(from + Size, fromStride, to + Size * toStride, toStride);
    }

    // Four columns of eight rows: rows 0 to 3 lie in the lower halves of registers, rows 4 to 7 in the upper ones.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyFourOfEight(float* from, nint fromStride, float* to, nint toStride)
    {
        float* lower = from + Size * fromStride;
        Vector256<float> a = Pair(from, lower), b = Pair(from + fromStride, lower + fromStride);
        Vector256<float> c = Pair(from + 2 * fromStride, lower + 2 * fromStride), d = Pair(from + 3 * fromStride, lower + 3 * fromStride);
        Vector256<float> abLow = Avx.UnpackLow(a, b), abHigh = Avx.UnpackHigh(a, b), cdLow = Avx.UnpackLow(c, d), cdHigh = Avx.UnpackHigh(c, d);
        Avx.Shuffle(abLow, cdLow, 0x44).Store(to);
        Avx.Shuffle(abLow, cdLow, 0xEE).Store(to + toStride);
        Avx.Shuffle(abHigh, cdHigh, 0x44).Store(to + 2 * toStride);
        Avx.Shuffle(abHigh, cdHigh, 0xEE).Store(to + 3 * toStride);
    }

    private static Vector256<float> Pair(float* lower, float* upper) => Vector256.Create(Vector128.Load(lower), Vector128.Load(upper));
}
