namespace DirKernels.Cli;

/// <summary>The device that was asked for is not there; the message says why.</summary>
internal sealed class DeviceAbsentException(string message, Exception? cause = null) : Exception(message, cause);
