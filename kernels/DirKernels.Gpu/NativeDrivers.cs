using System.Runtime.InteropServices;

namespace DirKernels.Gpu;

/// <summary>
/// Finds the driver libraries. The kernel compiler asks for "cuda" and "OpenCL"; on Linux the loader would only try libcuda.so and libOpenCL.so, which come
/// with development packages, and never the .so.1 that drivers install.
/// </summary>
internal static class NativeDrivers
{
    private static readonly string[] _cuda =
        ["libcuda.so.1", "libcuda.so", "/usr/local/nvidia/lib64/libcuda.so.1", "/usr/lib/x86_64-linux-gnu/libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1"];

    private static readonly string[] _openCl = ["libOpenCL.so.1", "libOpenCL.so"];
    private static int _done;

    /// <summary>Installs the search, once, before the first use of the kernel compiler.</summary>
    public static void Register()
    {
        // Under Windows the names are right as they are; under WSL the kernel compiler installs a search of its own, and a second one would be an error.
        if (Interlocked.Exchange(ref _done, 1) != 0 || !OperatingSystem.IsLinux() || IsWindowsSubsystem())
        {
            return;
        }

        try
        {
            NativeLibrary.SetDllImportResolver(typeof(ILGPU.Context).Assembly, static (name, _, _) => name switch
            {
                "cuda" => LoadAny(_cuda),
                "OpenCL" => LoadAny(_openCl),
                _ => 0,
            });
        }
        catch (InvalidOperationException)
        {
            // The program around us has installed its own search, which is then the one that counts.
        }
    }

    /// <summary>Whether a driver library for this kind can be loaded at all, for error messages.</summary>
    public static bool Exists(GpuDeviceKind kind)
    {
        string[] names = (kind, OperatingSystem.IsWindows()) switch
        {
            (GpuDeviceKind.Cuda, true) => ["nvcuda.dll"],
            (GpuDeviceKind.Cuda, false) => _cuda,
            (_, true) => ["OpenCL.dll"],
            _ => _openCl,
        };
        return LoadAny(names) != 0;
    }

    private static bool IsWindowsSubsystem() =>
        File.Exists("/proc/version") && File.ReadAllText("/proc/version").Contains("microsoft", StringComparison.OrdinalIgnoreCase);

    private static nint LoadAny(string[] names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                return library;
            }
        }

        return 0;
    }
}
