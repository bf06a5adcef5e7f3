using DirKernels.Backends;

namespace DirKernels.Cli;

/// <summary>What a build without GPU support has in the place of its devices.</summary>
internal static class GpuDevices
{
    /// <summary>No devices.</summary>
    public static IReadOnlyList<(string Name, string Description)> List() => [];

    /// <summary>Why there are none.</summary>
    public static string Absence => "this build of dirkernels has no GPU support";

    /// <summary>Fails.</summary>
    /// <exception cref="DeviceAbsentException">Always.</exception>
    public static IBackend Open(DeviceName device) => throw new DeviceAbsentException($"{device}: {Absence}");
}
