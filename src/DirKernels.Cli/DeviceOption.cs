using System.CommandLine;
using DirKernels.Backends;
using DirKernels.Backends.Cpu;

namespace DirKernels.Cli;

/// <summary>The option that says where a command computes.</summary>
internal sealed class DeviceOption
{
    private const string Name = "--device";

    /// <summary>The option, to be added to a command.</summary>
    public Option<string> Option { get; } = new(Name)
    {
        Description = "Where to compute: cpu, gpu, cuda:N or opencl:N; see the command devices. Results agree up to rounding.",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "cpu",
    };

    /// <summary>What the user chose.</summary>
    /// <exception cref="ArgumentException">No device's name.</exception>
    public DeviceName Read(ParseResult parsed) => DeviceName.Parse(Name, parsed.GetValue(Option)!);

    /// <summary>Opens a device.</summary>
    /// <param name="device">Its name.</param>
    /// <param name="threads">Threads of the processor; 0 for all.</param>
    /// <exception cref="DeviceAbsentException">It is not there.</exception>
    public static IBackend Open(DeviceName device, int threads = 0) =>
        device.Kind == DeviceName.Kinds.Cpu ? new CpuBackend(threads) : GpuDevices.Open(device);
}
