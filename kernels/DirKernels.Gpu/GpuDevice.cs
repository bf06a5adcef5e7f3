using System.Diagnostics.CodeAnalysis;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace DirKernels.Gpu;

/// <summary>A device that kernels can run on.</summary>
/// <param name="Kind">How it is reached.</param>
/// <param name="Index">Its number among the devices of its kind, from 0.</param>
/// <param name="Name">What its driver calls it.</param>
/// <param name="MemoryBytes">Size of its memory.</param>
/// <param name="Multiprocessors">Number of processors that run groups of threads.</param>
public sealed record GpuDevice(GpuDeviceKind Kind, int Index, string Name, long MemoryBytes, int Multiprocessors)
{
    /// <summary>The devices of this machine, CUDA before OpenCL; the simulation is not listed. Empty when no driver is installed.</summary>
    [RequiresDynamicCode("Kernels are compiled at run time.")]
    public static IReadOnlyList<GpuDevice> List() => [.. List(GpuDeviceKind.Cuda), .. List(GpuDeviceKind.OpenCl)];

    /// <summary>The devices of one kind.</summary>
    [RequiresDynamicCode("Kernels are compiled at run time.")]
    public static IReadOnlyList<GpuDevice> List(GpuDeviceKind kind)
    {
        if (kind != GpuDeviceKind.Simulated && !NativeDrivers.Exists(kind))
        {
            return [];
        }

        using Context context = GpuRuntime.CreateContext(kind);
        return [.. Devices(context, kind).Select((device, index) => new GpuDevice(kind, index, device.Name.Trim(), device.MemorySize, device.NumMultiprocessors))];
    }

    /// <summary>The devices of a context that was created for this kind.</summary>
    internal static IReadOnlyList<Device> Devices(Context context, GpuDeviceKind kind) => kind switch
    {
        GpuDeviceKind.Cuda => [.. context.GetCudaDevices()],
        GpuDeviceKind.OpenCl => [.. context.GetCLDevices()],
        _ => [.. context.Devices],
    };
}
