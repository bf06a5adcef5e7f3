using System.Runtime.InteropServices;
using DirKernels.Labels;

namespace DirKernels.Native;

/// <summary>Weights from labels by label distribution smoothing: <c>dk_lds_options_init</c>, <c>dk_label_weights</c>, <c>dk_bin_weights</c>.</summary>
internal static unsafe class WeightsExports
{
    [UnmanagedCallersOnly(EntryPoint = "dk_lds_options_init")]
    public static int InitializeOptions(LabelOptions* options)
    {
        try
        {
            Memory.Result(options, "options") = LabelOptions.Defaults;
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_label_weights")]
    public static int OfLabels(double* labels, nuint count, nint bins, LabelOptions* options, float* weights, nuint weightCount)
    {
        try
        {
            LabelOptions chosen = Structure.Read(options, LabelOptions.Defaults, "options");
            ReadOnlySpan<double> source = Memory.In(labels, count, "labels");
            LabelBins used = bins == 0 ? LabelBins.Automatic(source) : BinsExports.Of(bins);
            LabelDistributionSmoothing.Weights(
                source, used, chosen.ToKernel(), chosen.ToReweighting(), chosen.ToBoundary(), Memory.Out(weights, weightCount, "weights"));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_bin_weights")]
    public static int OfBins(double* counts, nuint count, nint bins, LabelOptions* options, double* density, double* weights)
    {
        try
        {
            LabelOptions chosen = Structure.Read(options, LabelOptions.Defaults, "options");
            LabelWeights fitted = LabelDistributionSmoothing.FitCounts(
                Memory.In(counts, count, "counts"), BinsExports.Of(bins), chosen.ToKernel(), chosen.ToReweighting(), chosen.ToBoundary());
            if (density is not null)
            {
                fitted.Density.CopyTo(Memory.Out(density, count, "density"));
            }

            fitted.Weights.CopyTo(Memory.Out(weights, count, "weights"));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }
}
