namespace DirKernels.Gpu;

/// <summary>Ways to reach a device.</summary>
public enum GpuDeviceKind
{
    /// <summary>An NVIDIA GPU through its driver.</summary>
    Cuda,

    /// <summary>A device of an OpenCL 2.0 runtime with generic address space.</summary>
    OpenCl,

    /// <summary>
    /// The kernel compiler's simulation on the processor, a thread of the operating system for each simulated one: right, and thousands of times slower.
    /// For tests of the kernels where there is no GPU.
    /// </summary>
    Simulated,
}
