using DirKernels.Backends;
using ILGPU;
using ILGPU.Runtime;

namespace DirKernels.Gpu;

/// <summary>A block of device memory.</summary>
internal sealed class GpuBuffer<T> : DeviceBuffer<T>
    where T : unmanaged
{
    private readonly GpuRuntime _runtime;
    private MemoryBuffer1D<T, Stride1D.Dense>? _memory;

    public GpuBuffer(GpuRuntime runtime, long length)
        : base(length)
    {
        _runtime = runtime;
        _memory = runtime.Reserve<T>(length);
    }

    /// <summary>The elements on the device; throws once the buffer is disposed of.</summary>
    public ArrayView<T> Elements => _memory is null ? throw new ObjectDisposedException(GetType().Name) : _memory.View.BaseView;

    protected override void Dispose(bool disposing)
    {
        // Without disposing the kernel compiler's own finaliser gives the memory back.
        if (disposing && _memory is not null)
        {
            _runtime.Release(_memory);
            _memory = null;
        }
    }
}
