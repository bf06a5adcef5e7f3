using System.Runtime.InteropServices;
using DirKernels.Features;

namespace DirKernels.Native;

/// <summary>Moments of features, gathered in parts and merged: <c>dk_moments_*</c>.</summary>
internal static unsafe class MomentsExports
{
    [UnmanagedCallersOnly(EntryPoint = "dk_moments_create")]
    public static int Create(int dimensions, int bins, int blockSize, nint* moments)
    {
        try
        {
            Memory.Result(moments, "moments") = 0;
            *moments = HandleTable.Add(HandleKind.Moments, new Exclusive<FeatureMoments>(
                backend => new FeatureMoments(dimensions, bins, FeatureOptions.CovarianceOf(blockSize), backend)));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_moments_accumulate")]
    public static int Accumulate(nint moments, float* features, nuint rows, nuint columns, int* bins)
    {
        try
        {
            using var held = Of(moments).Enter();
            FeatureMoments target = held.Value;
            target.Accumulate(Memory.Rows(features, rows, columns, target.Dimensions, "features"), Memory.In(bins, rows, "bins"));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_moments_merge")]
    public static int Merge(nint into, nint from)
    {
        try
        {
            Exclusive<FeatureMoments> target = Of(into), source = Of(from);

            // Always in the same order: two threads that merge two objects into each other must not wait for each other for ever.
            using var first = (into < from ? target : source).Enter();
            using var second = (into < from ? source : target).Enter();
            (into < from ? first : second).Value.Merge((into < from ? second : first).Value);
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_moments_counts")]
    public static int Counts(nint moments, long* counts, nuint count)
    {
        try
        {
            using var held = Of(moments).Enter();
            Memory.ThrowIfNotOfLength(count, held.Value.BinCount, "counts");
            held.Value.Counts().CopyTo(Memory.Out(counts, count, "counts"));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_moments_to_bytes")]
    public static int ToBytes(nint moments, byte* bytes, nuint capacity, nuint* needed)
    {
        try
        {
            using var held = Of(moments).Enter();
            Memory.Copy(held.Value.ToBytes(), bytes, capacity, needed, "bytes");
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_moments_from_bytes")]
    public static int FromBytes(byte* bytes, nuint count, nint* moments)
    {
        try
        {
            Memory.Result(moments, "moments") = 0;
            *moments = HandleTable.Add(
                HandleKind.Moments, new Exclusive<FeatureMoments>(backend => FeatureMoments.Read(Memory.In(bytes, count, "bytes"), backend)));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_moments_free")]
    public static int Free(nint moments)
    {
        try
        {
            (HandleTable.Remove(moments, HandleKind.Moments) as IDisposable)?.Dispose();
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    /// <summary>The moments of a handle.</summary>
    public static Exclusive<FeatureMoments> Of(nint handle) => HandleTable.Get<Exclusive<FeatureMoments>>(handle, HandleKind.Moments);
}
