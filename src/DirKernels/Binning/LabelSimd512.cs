using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DirKernels.Binning;

/// <summary>Bins in registers of 512 bits.</summary>
internal readonly unsafe struct LabelSimd512 : ILabelSimd<Vector512<double>>
{
    public static Vector512<double> Broadcast(double value) => Vector512.Create(value);

    public static bool IsAnySet(Vector512<double> defects) => defects.AsInt64() != Vector512<long>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BinsOf16 Assign(double* labels, in BinRuleVectors<Vector512<double>> rule, ref Vector512<double> defects)
    {
        Vector512<double> low = Vector512.Load(labels), high = Vector512.Load(labels + 8);

        // The difference is +0 for a finite label and NaN, which has bits, for any other.
        defects |= (low - low) | (high - high);
        Vector256<int> first = Bins(low, rule), second = Bins(high, rule);
        return new BinsOf16(first.GetLower(), first.GetUpper(), second.GetLower(), second.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Bins(Vector512<double> labels, in BinRuleVectors<Vector512<double>> rule)
    {
        Vector512<double> distance = Vector512.MaxNative(Vector512.MinNative(labels - rule.Lower, rule.Largest), Vector512<double>.Zero);
        Vector512<double> position = Divide(distance, rule) + rule.Tolerance;
        return Avx512F.ConvertToVector256Int32WithTruncation(position);
    }

    // A quotient that is off by a unit or two, refined by its remainder, is off by less than one; and refined once more it is the rounded quotient (Markstein, 1990).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Divide(Vector512<double> distance, in BinRuleVectors<Vector512<double>> rule)
    {
        if (!rule.IsRefined)
        {
            return distance / rule.Width;
        }

        Vector512<double> quotient = distance * rule.Inverse;
        quotient = Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(quotient, rule.NegativeWidth, distance), rule.Inverse, quotient);
        return Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(quotient, rule.NegativeWidth, distance), rule.Inverse, quotient);
    }
}
