using System.Runtime.InteropServices;

namespace DirKernels.Native;

/// <summary>Label bins: <c>dk_bins_*</c>.</summary>
internal static unsafe class BinsExports
{
    [UnmanagedCallersOnly(EntryPoint = "dk_bins_automatic")]
    public static int Automatic(double* labels, nuint count, nint* bins)
    {
        try
        {
            Memory.Result(bins, "bins") = 0;
            *bins = HandleTable.Add(HandleKind.Bins, LabelBins.Automatic(Memory.In(labels, count, "labels")));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_bins_quantiles")]
    public static int Quantiles(double* labels, nuint count, int wanted, nint* bins)
    {
        try
        {
            Memory.Result(bins, "bins") = 0;
            *bins = HandleTable.Add(HandleKind.Bins, LabelBins.Quantiles(Memory.In(labels, count, "labels"), wanted));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_bins_uniform")]
    public static int Uniform(double lower, double width, int count, nint* bins)
    {
        try
        {
            Memory.Result(bins, "bins") = 0;
            *bins = HandleTable.Add(HandleKind.Bins, LabelBins.Uniform(lower, width, count));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_bins_edges")]
    public static int FromEdges(double* edges, nuint count, nint* bins)
    {
        try
        {
            Memory.Result(bins, "bins") = 0;
            *bins = HandleTable.Add(HandleKind.Bins, LabelBins.FromEdges(Memory.In(edges, count, "edges")));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_bins_count")]
    public static int Count(nint bins, int* count)
    {
        try
        {
            Memory.Result(count, "count") = Of(bins).Count;
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_bins_get_edges")]
    public static int GetEdges(nint bins, double* edges, nuint count)
    {
        try
        {
            ReadOnlySpan<double> source = Of(bins).Edges;
            Memory.ThrowIfNotOfLength(count, source.Length, "edges");
            source.CopyTo(Memory.Out(edges, count, "edges"));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_bins_assign")]
    public static int Assign(nint bins, double* labels, nuint count, int* indices)
    {
        try
        {
            Of(bins).Assign(Memory.In(labels, count, "labels"), Memory.Out(indices, count, "indices"));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_bins_free")]
    public static int Free(nint bins)
    {
        try
        {
            HandleTable.Remove(bins, HandleKind.Bins);
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    /// <summary>The bins of a handle.</summary>
    public static LabelBins Of(nint handle) => HandleTable.Get<LabelBins>(handle, HandleKind.Bins);
}
