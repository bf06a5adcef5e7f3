using System.Numerics;
using System.Runtime.CompilerServices;

namespace DirKernels.Binning;

/// <summary>Bins of many labels at once: exactly <see cref="LabelBins.IndexOf"/> of each.</summary>
internal static unsafe class BinAssignment
{
    /// <summary>Assigns bins.</summary>
    /// <param name="bins">The rule or the edges.</param>
    /// <param name="labels">Labels.</param>
    /// <param name="count">How many.</param>
    /// <param name="row">Row of the first label, for the message.</param>
    /// <param name="destination">Receives the bins; the type holds B - 1.</param>
    /// <exception cref="InvalidDataException">A label is NaN or infinite; the message names its row, counted from 0.</exception>
    [MethodImpl(KernelMethod.Options)]
    public static void Assign<TBin>(LabelBins bins, double* labels, int count, int row, TBin* destination)
        where TBin : unmanaged, IBinaryInteger<TBin>
    {
        bool finite = true;
        if (bins.UniformRule is { } rule)
        {
            finite = UniformBinning.TryAssign(rule, labels, count, destination);
        }
        else if (bins.Grid is { } grid)
        {
            finite = grid.TryAssign(labels, count, destination);
        }
        else
        {
            for (int i = 0; i < count; i++)
            {
                finite &= double.IsFinite(labels[i]);
                destination[i] = TBin.CreateTruncating(bins.IndexOf(labels[i]));
            }
        }

        if (!finite)
        {
            for (int i = 0; i < count; i++)
            {
                FiniteLabel.ThrowIfNot(labels[i], row + i);
            }
        }
    }
}
