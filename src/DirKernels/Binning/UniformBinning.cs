using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using DirKernels.Backends.Cpu;

namespace DirKernels.Binning;

/// <summary><see cref="UniformBinRule.IndexOf"/> of many labels, in the widest registers, with bins of any integer type that holds B - 1.</summary>
internal static unsafe class UniformBinning
{
    private const int Step = 16;

    /// <summary>Labels from memory are asked for so much earlier: while those of a block are counted, the next ones arrive.</summary>
    private const int LabelsAhead = 512;

    // Widths from 2^-900 to 2^900: quotients of up to 2^31 bins, and remainders 2^53 times smaller than what is divided, are normal numbers.
    private const double SmallestRefined = 1e-270, LargestRefined = 1e270;

    /// <summary>Assigns bins.</summary>
    /// <returns>Whether all labels are finite; if not, the bins are not to be used.</returns>
    [MethodImpl(KernelMethod.Options)]
    public static bool TryAssign<TBin>(in UniformBinRule rule, double* labels, int count, TBin* bins)
        where TBin : unmanaged, IBinaryInteger<TBin>
    {
        int i = 0;
        bool finite = true;
        if (count >= Step)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                finite = Vectors<LabelSimd512, Vector512<double>, TBin>(rule, labels, count, bins);
                i = count & -Step;
            }
            else if (Vector256.IsHardwareAccelerated)
            {
                finite = Vectors<LabelSimd256, Vector256<double>, TBin>(rule, labels, count, bins);
                i = count & -Step;
            }
            else if (Vector128.IsHardwareAccelerated)
            {
                finite = Vectors<LabelSimd128, Vector128<double>, TBin>(rule, labels, count, bins);
                i = count & -Step;
            }
        }

        for (; i < count; i++)
        {
            finite &= double.IsFinite(labels[i]);
            bins[i] = TBin.CreateTruncating(rule.IndexOf(labels[i]));
        }

        return finite;
    }

    // Compiled once for each kind of division: there is no branch within the loop.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Vectors<TSimd, TVector, TBin>(in UniformBinRule rule, double* labels, int count, TBin* bins)
        where TSimd : struct, ILabelSimd<TVector>
        where TVector : struct
        where TBin : unmanaged =>
        Fma.IsSupported && rule.Width is > SmallestRefined and < LargestRefined
            ? Vectors<TSimd, TVector, TBin>(rule, labels, count, bins, isRefined: true)
            : Vectors<TSimd, TVector, TBin>(rule, labels, count, bins, isRefined: false);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Vectors<TSimd, TVector, TBin>(in UniformBinRule rule, double* labels, int count, TBin* bins, bool isRefined)
        where TSimd : struct, ILabelSimd<TVector>
        where TVector : struct
        where TBin : unmanaged
    {
        var constants = new BinRuleVectors<TVector>(
            TSimd.Broadcast(rule.Lower),
            TSimd.Broadcast(rule.Width),
            TSimd.Broadcast(-rule.Width),
            TSimd.Broadcast(1 / rule.Width),
            TSimd.Broadcast((rule.Count - 0.5) * rule.Width),
            TSimd.Broadcast(UniformBinRule.EdgeTolerance),
            isRefined);
        TVector defects = TSimd.Broadcast(0);
        for (int i = 0; i <= count - Step; i += Step)
        {
            CacheLine.Fetch(labels + i + LabelsAhead);
            CacheLine.Fetch(labels + i + LabelsAhead + Step / 2);
            Store(TSimd.Assign(labels + i, constants, ref defects), bins + i);
        }

        return !TSimd.IsAnySet(defects);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TBin>(BinsOf16 bins, TBin* destination)
        where TBin : unmanaged
    {
        if (sizeof(TBin) == sizeof(int))
        {
            bins.A.Store((int*)destination);
            bins.B.Store((int*)destination + 4);
            bins.C.Store((int*)destination + 8);
            bins.D.Store((int*)destination + 12);
            return;
        }

        Vector128<ushort> low = Vector128.Narrow(bins.A.AsUInt32(), bins.B.AsUInt32()), high = Vector128.Narrow(bins.C.AsUInt32(), bins.D.AsUInt32());
        if (sizeof(TBin) == sizeof(ushort))
        {
            low.Store((ushort*)destination);
            high.Store((ushort*)destination + 8);
        }
        else
        {
            Vector128.Narrow(low, high).Store((byte*)destination);
        }
    }
}
