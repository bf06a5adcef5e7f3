using System.Runtime.InteropServices;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// What two threads with a <see cref="NetworkTwin"/> tell each other, and what the worker needs when the caller has gone on. Words that different threads write lie two cache lines apart.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal unsafe struct NetworkTwinState
{
    /// <summary>Bytes.</summary>
    public const int Size = 8 * CacheLine.Size;

    /// <summary>Number of the last step whose first half the caller has handed over.</summary>
    [FieldOffset(0)]
    public long Sent;

    /// <summary>Number of the last step that the worker has made.</summary>
    [FieldOffset(2 * CacheLine.Size)]
    public long Applied;

    /// <summary>Number of the step that the worker makes.</summary>
    [FieldOffset(4 * CacheLine.Size)]
    public long Step;

    /// <summary>Parameters.</summary>
    [FieldOffset(4 * CacheLine.Size + 8)]
    public int Length;

    /// <summary>[n] gradient of the second half of the batch.</summary>
    [FieldOffset(4 * CacheLine.Size + 16)]
    public float* Own;

    /// <summary>[n] gradient of the first half, once it has been handed over.</summary>
    [FieldOffset(4 * CacheLine.Size + 24)]
    public float* OfCaller;

    /// <summary>The step of the worker's copy.</summary>
    [FieldOffset(5 * CacheLine.Size)]
    public ParameterStep Update;
}
