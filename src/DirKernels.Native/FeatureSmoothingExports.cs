using System.Runtime.InteropServices;
using DirKernels.Features;
using DirKernels.Networks;

namespace DirKernels.Native;

/// <summary>Feature distribution smoothing: <c>dk_fds_*</c>.</summary>
internal static unsafe class FeatureSmoothingExports
{
    [UnmanagedCallersOnly(EntryPoint = "dk_fds_options_init")]
    public static int InitializeOptions(FeatureOptions* options)
    {
        try
        {
            Memory.Result(options, "options") = FeatureOptions.Defaults;
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_fds_create")]
    public static int Create(int dimensions, int bins, FeatureOptions* options, nint* fds)
    {
        try
        {
            Memory.Result(fds, "fds") = 0;
            FeatureSmoothingOptions chosen = Structure.Read(options, FeatureOptions.Defaults, "options").ToOptions();
            *fds = Add(backend => new FeatureDistributionSmoothing(dimensions, bins, chosen, backend));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_fds_accumulate")]
    public static int Accumulate(nint fds, float* features, nuint rows, nuint columns, int* bins)
    {
        try
        {
            using var held = Of(fds).Enter();
            held.Value.Accumulate(Memory.Rows(features, rows, columns, held.Value.Dimensions, "features"), Memory.In(bins, rows, "bins"));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_fds_merge")]
    public static int Merge(nint fds, nint moments)
    {
        try
        {
            // Moments never wait for feature statistics, so that this order cannot lead to a deadlock.
            using var target = Of(fds).Enter();
            using var part = MomentsExports.Of(moments).Enter();
            target.Value.Accumulate(part.Value);
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_fds_end_epoch")]
    public static int EndEpoch(nint fds, FeatureReport* report)
    {
        try
        {
            using var held = Of(fds).Enter();
            if (report is not null)
            {
                // Before the epoch ends: a call that is refused changes nothing.
                Structure.Read(report, default, "report");
            }

            FeatureReport ended = FeatureReport.Of(held.Value.EndEpoch());
            if (report is not null)
            {
                Structure.Write(report, ended, "report");
            }

            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_fds_calibrate")]
    public static int Calibrate(nint fds, float* features, nuint rows, nuint columns, int* bins, float* calibrated)
    {
        try
        {
            using var held = Of(fds).Enter();
            ReadOnlySpan<float> source = Memory.Rows(features, rows, columns, held.Value.Dimensions, "features");
            held.Value.Calibrate(source, Memory.In(bins, rows, "bins"), Memory.Out(calibrated, rows * columns, "calibrated"));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_fds_calibrate_gradient")]
    public static int CalibrateGradient(nint fds, float* calibratedGradient, nuint rows, nuint columns, int* bins, float* gradient)
    {
        try
        {
            using var held = Of(fds).Enter();
            ReadOnlySpan<float> source = Memory.Rows(calibratedGradient, rows, columns, held.Value.Dimensions, "calibrated_gradient");
            held.Value.CalibrateGradient(source, Memory.In(bins, rows, "bins"), Memory.Out(gradient, rows * columns, "gradient"));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_fds_save")]
    public static int Save(nint fds, byte* path)
    {
        try
        {
            string file = Memory.Text(path, "path");
            using var held = Of(fds).Enter();
            FeatureDistributionSmoothing saved = held.Value;
            AtomicFile.Write(file, stream => FeatureSmoothingFile.Write(stream, saved));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_fds_load")]
    public static int Load(byte* path, nint* fds)
    {
        try
        {
            Memory.Result(fds, "fds") = 0;
            *fds = SourceFile.Read(Memory.Text(path, "path"), stream => Add(backend => FeatureSmoothingFile.Read(stream, backend)));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_fds_free")]
    public static int Free(nint fds)
    {
        try
        {
            (HandleTable.Remove(fds, HandleKind.FeatureSmoothing) as IDisposable)?.Dispose();
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    private static nint Add(Func<Backends.Cpu.CpuBackend, FeatureDistributionSmoothing> make) =>
        HandleTable.Add(HandleKind.FeatureSmoothing, new Exclusive<FeatureDistributionSmoothing>(make));

    private static Exclusive<FeatureDistributionSmoothing> Of(nint handle) =>
        HandleTable.Get<Exclusive<FeatureDistributionSmoothing>>(handle, HandleKind.FeatureSmoothing);
}
