using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DirKernels.Backends.Cpu;

/// <summary>Four by four elements, transposed in registers.</summary>
internal static unsafe class TransposedTile
{
    /// <summary>Rows and columns.</summary>
    public const int Size = 4;

    /// <summary>Whether the processor can; otherwise elements are copied one by one.</summary>
    public static bool IsFast => Sse.IsSupported;

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
}
