namespace DirKernels.Gpu;

/// <summary>The device that was asked for is not there, or cannot run the kernels; the message says why. Nothing falls back to another device.</summary>
public sealed class GpuUnavailableException : Exception
{
    /// <summary>Creates the error.</summary>
    public GpuUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error.</summary>
    public GpuUnavailableException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
