using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DirKernels.Binning;

/// <summary>Bins in registers of 128 bits.</summary>
internal readonly unsafe struct LabelSimd128 : ILabelSimd<Vector128<double>>
{
    public static Vector128<double> Broadcast(double value) => Vector128.Create(value);

    public static bool IsAnySet(Vector128<double> defects) => defects.AsInt64() != Vector128<long>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BinsOf16 Assign(double* labels, in BinRuleVectors<Vector128<double>> rule, ref Vector128<double> defects) => new(
        Bins(labels, rule, ref defects), Bins(labels + 4, rule, ref defects), Bins(labels + 8, rule, ref defects), Bins(labels + 12, rule, ref defects));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Bins(double* labels, in BinRuleVectors<Vector128<double>> rule, ref Vector128<double> defects)
    {
        Vector128<double> low = Vector128.Load(labels), high = Vector128.Load(labels + 2);

        // The difference is +0 for a finite label and NaN, which has bits, for any other.
        defects |= (low - low) | (high - high);
        low = Clamped(low, rule);
        high = Clamped(high, rule);
        return Sse2.IsSupported
            ? Sse2.UnpackLow(Sse2.ConvertToVector128Int32WithTruncation(low).AsInt64(), Sse2.ConvertToVector128Int32WithTruncation(high).AsInt64()).AsInt32()
            : Vector128.Narrow(Vector128.ConvertToInt64Native(low), Vector128.ConvertToInt64Native(high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> Clamped(Vector128<double> labels, in BinRuleVectors<Vector128<double>> rule)
    {
        Vector128<double> distance = Vector128.MaxNative(Vector128.MinNative(labels - rule.Lower, rule.Largest), Vector128<double>.Zero);
        return distance / rule.Width + rule.Tolerance;
    }
}
