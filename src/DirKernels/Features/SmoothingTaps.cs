using DirKernels.Backends;

namespace DirKernels.Features;

/// <summary>Turns a kernel and the state of the bins into the table that statistics are smoothed with.</summary>
internal static class SmoothingTaps
{
    /// <summary>
    /// Weights of bin b: <c>k(j) m(b + j)</c> over the mirrored neighbours, m the mass of a bin, 0 for a bin that takes no part; divided by their sum
    /// when bins are excluded or weigh by count. A bin that takes no part itself, or has nothing to read, reads itself.
    /// </summary>
    /// <param name="options">Kernel, empty bins and mass.</param>
    /// <param name="samplesSeen">[B].</param>
    /// <param name="taps">[B x K], overwritten.</param>
    public static void Fill(FeatureSmoothingOptions options, ReadOnlySpan<long> samplesSeen, BinTaps taps)
    {
        int bins = samplesSeen.Length, size = options.Kernel.Size, half = options.Kernel.Half;
        ReadOnlySpan<double> window = options.Kernel.UnitSumTaps;
        bool renormalise = options.EmptyBins == EmptyBins.Exclude;
        Span<double> weights = size <= 256 ? stackalloc double[size] : new double[size];
        for (int b = 0; b < bins; b++)
        {
            double sum = 0;
            for (int k = 0; k < size; k++)
            {
                int source = BoundaryIndex.Resolve(Boundary.Mirror, b + k - half, bins);
                double mass = renormalise && samplesSeen[source] == 0 ? 0 : options.Mass == BinMass.Count ? samplesSeen[source] : 1;
                taps.Indices[b * size + k] = source;
                weights[k] = window[k] * mass;
                sum += weights[k];
            }

            bool alone = renormalise && (samplesSeen[b] == 0 || sum == 0);
            for (int k = 0; k < size; k++)
            {
                taps.Weights[b * size + k] = alone ? (k == half ? 1 : 0) : (float)(renormalise ? weights[k] / sum : weights[k]);
            }
        }
    }
}
