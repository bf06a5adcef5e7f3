using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DirKernels.Binning;

/// <summary>Bins in registers of 256 bits.</summary>
internal readonly unsafe struct LabelSimd256 : ILabelSimd<Vector256<double>>
{
    public static Vector256<double> Broadcast(double value) => Vector256.Create(value);

    public static bool IsAnySet(Vector256<double> defects) => defects.AsInt64() != Vector256<long>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BinsOf16 Assign(double* labels, in BinRuleVectors<Vector256<double>> rule, ref Vector256<double> defects)
    {
        Vector256<double> a = Vector256.Load(labels), b = Vector256.Load(labels + 4), c = Vector256.Load(labels + 8), d = Vector256.Load(labels + 12);

        // The difference is +0 for a finite label and NaN, which has bits, for any other.
        defects |= (a - a) | (b - b) | (c - c) | (d - d);
        return new BinsOf16(Bins(a, rule), Bins(b, rule), Bins(c, rule), Bins(d, rule));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Bins(Vector256<double> labels, in BinRuleVectors<Vector256<double>> rule)
    {
        Vector256<double> distance = Vector256.MaxNative(Vector256.MinNative(labels - rule.Lower, rule.Largest), Vector256<double>.Zero);
        Vector256<double> position = Divide(distance, rule) + rule.Tolerance;
        return Avx.ConvertToVector128Int32WithTruncation(position);
    }

    // A quotient that is off by a unit or two, refined by its remainder, is off by less than one; and refined once more it is the rounded quotient (Markstein, 1990).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Divide(Vector256<double> distance, in BinRuleVectors<Vector256<double>> rule)
    {
        if (!rule.IsRefined)
        {
            return distance / rule.Width;
        }

        Vector256<double> quotient = distance * rule.Inverse;
        quotient = Vector256.FusedMultiplyAdd(Vector256.FusedMultiplyAdd(quotient, rule.NegativeWidth, distance), rule.Inverse, quotient);
        return Vector256.FusedMultiplyAdd(Vector256.FusedMultiplyAdd(quotient, rule.NegativeWidth, distance), rule.Inverse, quotient);
    }
}
