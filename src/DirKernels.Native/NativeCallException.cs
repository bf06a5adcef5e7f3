namespace DirKernels.Native;

/// <summary>A call that this interface refuses by itself.</summary>
internal sealed class NativeCallException(Status status, string message) : Exception(message)
{
    public Status Status { get; } = status;
}
