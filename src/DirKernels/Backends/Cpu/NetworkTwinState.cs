using System.Runtime.InteropServices;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// What two threads with a <see cref="NetworkTwin"/> tell each other, and what the worker needs when the caller has gone on. Words that different threads write lie two cache lines apart.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal unsafe struct NetworkTwinState
{
    /// <summary>Bytes.</summary>
    public const int Size = 12 * CacheLine.Size;

    /// <summary>Number of the last step whose first half the caller has handed over.</summary>
    [FieldOffset(0)]
    public long Sent;

    /// <summary>Number of the last step whose second half the worker has handed over.</summary>
    [FieldOffset(2 * CacheLine.Size)]
    public long Returned;

    /// <summary>Twice the number of the last step whose second half somebody has taken, and 1 more where the caller has. The worker's, until it is late.</summary>
    [FieldOffset(4 * CacheLine.Size)]
    public long Taken;

    /// <summary>Number of the last step that the caller has begun: its parameters stay as they are until the second half is there. Of interest to a worker without a copy of them.</summary>
    [FieldOffset(6 * CacheLine.Size)]
    public long Begun;

    /// <summary>Number of the last step that the worker has made; its copy is that of the caller's parameters behind this step.</summary>
    [FieldOffset(8 * CacheLine.Size)]
    public long Applied;

    /// <summary>Number of the step that the worker makes when its block of the job has ended; 0 for none.</summary>
    [FieldOffset(8 * CacheLine.Size + 8)]
    public long Left;

    /// <summary>Parameters.</summary>
    [FieldOffset(8 * CacheLine.Size + 16)]
    public int Length;

    /// <summary>[n] gradient of the second half of the batch.</summary>
    [FieldOffset(8 * CacheLine.Size + 24)]
    public float* Own;

    /// <summary>[n] gradient of the first half, once it has been handed over.</summary>
    [FieldOffset(8 * CacheLine.Size + 32)]
    public float* OfCaller;

    /// <summary>The step of the worker's copy.</summary>
    [FieldOffset(9 * CacheLine.Size)]
    public ParameterStep Update;
}
