using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// The operations on the processor: vector registers of 512, 256 or 128 bits, and a team of worker threads. Results do not depend on the number of
/// threads.
/// </summary>
/// <remarks>
/// Safe to call from several threads: one of them has the workers at a time, the others run their operation alone. Each operation is one partial
/// file named after it.
/// </remarks>
public sealed partial class CpuBackend : IBackend
{
    /// <summary>Multiply-adds (or element visits) below which waking a worker costs more than it saves.</summary>
    private const long WorthSharing = 32 * 1024;

    private readonly WorkerTeam _team;
    private readonly NetworkTwin _twin = new();
    private readonly FirstLayerCopy _firstLayer = new();

    // Of whoever holds the gate of the team.
    private readonly CpuBuffer<long> _pairProgress = new(PairProgress.Length);
    private long _pairs;

    // Read here so that it is a constant of all kernels, which are compiled later: smoothing of covariances took a fifth longer without.
    private readonly bool _asksSecondLevelCache = ProcessorModel.AsksSecondLevelCache;

    /// <summary>Starts a backend.</summary>
    /// <param name="threads">Threads that share an operation, the caller included; 0 means one for each processor.</param>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or more than 1024.</exception>
    public CpuBackend(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 1024);
        _team = new WorkerTeam(threads == 0 ? Environment.ProcessorCount : threads) { Kept = _twin };
    }

    /// <summary>Threads that share an operation, the caller included.</summary>
    public int Threads => _team.Size;

    /// <summary>The threads, for work beside the seam.</summary>
    internal WorkerTeam Team => _team;

    /// <inheritdoc/>
    public string Description => $"CPU, {InstructionSet.Name}, {Threads} {(Threads == 1 ? "thread" : "threads")}";

    /// <inheritdoc/>
    public DeviceBuffer<T> Allocate<T>(long length)
        where T : unmanaged => new CpuBuffer<T>(length);

    /// <inheritdoc/>
    public void CopyIn<T>(ReadOnlySpan<T> source, DeviceView<T> destination)
        where T : unmanaged
    {
        source.CopyTo(HostSpan(destination));
        GC.KeepAlive(destination.Buffer);
    }

    /// <inheritdoc/>
    public void CopyOut<T>(DeviceView<T> source, Span<T> destination)
        where T : unmanaged
    {
        HostSpan(source).CopyTo(destination);
        GC.KeepAlive(source.Buffer);
    }

    /// <inheritdoc/>
    public unsafe void Copy<T>(DeviceView<T> source, DeviceView<T> destination)
        where T : unmanaged
    {
        long bytes = source.Length * sizeof(T);
        Buffer.MemoryCopy(Pointer(source), Pointer(destination), bytes, bytes);
        GC.KeepAlive(source.Buffer);
        GC.KeepAlive(destination.Buffer);
    }

    /// <inheritdoc/>
    public unsafe void Clear<T>(DeviceView<T> destination)
        where T : unmanaged
    {
        long bytes = destination.Length * sizeof(T);
        if (bytes > 0)
        {
            var job = new ClearJob { Start = (byte*)Pointer(destination), Length = bytes };
            _team.Run(ref job, (int)((bytes + ClearJob.BytesPerBlock - 1) / ClearJob.BytesPerBlock), bytes > ClearJob.BytesPerBlock);
            GC.KeepAlive(destination.Buffer);
        }
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
        // Operations have finished when they return.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _team.Dispose();
        _twin.Dispose();
        _firstLayer.Dispose();
        _pairProgress.Dispose();
    }

    /// <summary>Stores past the caches are not ordered with others: they come first for whoever is told of the result.</summary>
    private static void FinishStoresAround(bool happened)
    {
        if (happened)
        {
            Interlocked.MemoryBarrier();
        }
    }

    /// <summary>First element of a view, or null for an absent one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe T* Pointer<T>(DeviceView<T> view)
        where T : unmanaged => view.Buffer is null ? null : ((CpuBuffer<T>)view.Buffer).Pointer + view.Offset;

    private static unsafe Span<T> HostSpan<T>(DeviceView<T> view)
        where T : unmanaged => new(Pointer(view), checked((int)view.Length));

    private static int DivideUp(int value, int by) => (int)(((long)value + by - 1) / by);

    private unsafe struct ClearJob : IBlockJob
    {
        /// <summary>About ten microseconds of one core.</summary>
        public const long BytesPerBlock = 128 * 1024;

        public byte* Start;
        public long Length;

        public readonly void Run(int block)
        {
            long first = block * BytesPerBlock;
            NativeMemory.Clear(Start + first, (nuint)Math.Min(BytesPerBlock, Length - first));
        }
    }
}
