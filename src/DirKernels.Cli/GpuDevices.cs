using DirKernels.Backends;
using DirKernels.Gpu;

namespace DirKernels.Cli;

/// <summary>The GPUs of this machine. A build with <c>-p:CpuOnly=true</c> has another file in this one's place.</summary>
internal static class GpuDevices
{
    /// <summary>Name and description of each device.</summary>
    public static IReadOnlyList<(string Name, string Description)> List() =>
    [
        .. GpuDevice.List().Select(device => (
            $"{(device.Kind == GpuDeviceKind.Cuda ? "cuda" : "opencl")}:{device.Index}",
            $"{device.Name}, {device.MemoryBytes / (1 << 20)} MiB, {device.Multiprocessors} multiprocessors")),
    ];

    /// <summary>Why the list may be empty.</summary>
    public static string Absence => "no CUDA device (the NVIDIA driver's libcuda.so.1) and no OpenCL device (a runtime's libOpenCL.so.1) was found";

    /// <summary>Opens a device.</summary>
    /// <exception cref="DeviceAbsentException">It is not there.</exception>
    public static IBackend Open(DeviceName device)
    {
        try
        {
            return device.Kind switch
            {
                DeviceName.Kinds.Cuda => GpuBackend.Open(GpuDeviceKind.Cuda, device.Index),
                DeviceName.Kinds.OpenCl => GpuBackend.Open(GpuDeviceKind.OpenCl, device.Index),
                DeviceName.Kinds.Simulated => GpuBackend.Open(GpuDeviceKind.Simulated),
                _ => GpuDevice.List() is [var first, ..] ? GpuBackend.Open(first.Kind, first.Index) : throw new GpuUnavailableException($"gpu: {Absence}"),
            };
        }
        catch (GpuUnavailableException absent)
        {
            throw new DeviceAbsentException(absent.Message, absent);
        }
    }
}
