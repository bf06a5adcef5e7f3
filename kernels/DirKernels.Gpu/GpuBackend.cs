using System.Diagnostics.CodeAnalysis;
using DirKernels.Backends;
using ILGPU;
using ILGPU.Runtime;

namespace DirKernels.Gpu;

/// <summary>
/// The operations on a GPU: hand-written kernels for CUDA and OpenCL devices. Data, statistics and parameters stay on the device; only arrays of B elements
/// cross. The same call gives the same bits on the same device: no floating-point atomics.
/// </summary>
/// <remarks>
/// Operations are asynchronous, in order, on one stream. Safe to call from several threads: one operation is issued at a time. Each operation is a file
/// <c>...Kernel.cs</c>, catalogued in kernels/README.md. Double-precision accuracy is kept where <see cref="IBackend"/> asks for it.
/// </remarks>
public sealed partial class GpuBackend : IBackend
{
    private readonly GpuRuntime _gpu;
    private readonly bool _ownsRuntime;

    internal GpuBackend(GpuRuntime runtime, bool ownsRuntime)
    {
        _gpu = runtime;
        _ownsRuntime = ownsRuntime;
    }

    /// <inheritdoc/>
    public string Description => _gpu.Description;

    /// <summary>How large products multiply.</summary>
    public MatrixPrecision Precision => _gpu.Precision;

    /// <summary>Kernels launched so far.</summary>
    internal long LaunchCount => _gpu.LaunchCount;

    /// <summary>Opens a device.</summary>
    /// <param name="kind">How it is reached.</param>
    /// <param name="index">Its number among the devices of its kind, from 0.</param>
    /// <param name="precision">How large matrix products, scatters and calibrations by blocks multiply.</param>
    /// <exception cref="GpuUnavailableException">The device is not there or cannot run the kernels; there is no fall-back.</exception>
    [RequiresDynamicCode("Kernels are compiled at run time.")]
    public static GpuBackend Open(GpuDeviceKind kind, int index = 0, MatrixPrecision precision = MatrixPrecision.Float32) =>
        new(new GpuRuntime(kind, index, precision), ownsRuntime: true);

    /// <inheritdoc/>
    public DeviceBuffer<T> Allocate<T>(long length)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return new GpuBuffer<T>(_gpu, length);
    }

    /// <inheritdoc/>
    public void CopyIn<T>(ReadOnlySpan<T> source, DeviceView<T> destination)
        where T : unmanaged
    {
        if (source.Length > 0)
        {
            lock (_gpu.Gate)
            {
                Elements(destination).CopyFromCPU(_gpu.Stream, source);
            }
        }
    }

    /// <inheritdoc/>
    public void CopyOut<T>(DeviceView<T> source, Span<T> destination)
        where T : unmanaged
    {
        if (source.Length > 0)
        {
            lock (_gpu.Gate)
            {
                Elements(source).CopyToCPU(_gpu.Stream, destination);
            }
        }
    }

    /// <inheritdoc/>
    public void Copy<T>(DeviceView<T> source, DeviceView<T> destination)
        where T : unmanaged
    {
        if (source.Length > 0)
        {
            lock (_gpu.Gate)
            {
                Elements(source).CopyTo(_gpu.Stream, Elements(destination));
            }
        }
    }

    /// <inheritdoc/>
    public void Clear<T>(DeviceView<T> destination)
        where T : unmanaged
    {
        if (destination.Length > 0)
        {
            lock (_gpu.Gate)
            {
                Elements(destination).MemSetToZero(_gpu.Stream);
            }
        }
    }

    /// <inheritdoc/>
    public void Synchronize() => _gpu.Synchronize();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsRuntime)
        {
            _gpu.Dispose();
        }
    }

    /// <summary>The elements behind a view; for an absent one something harmless.</summary>
    private ArrayView<T> Elements<T>(DeviceView<T> view)
        where T : unmanaged => view.Buffer switch
        {
            null => _gpu.Nothing<T>(),
            GpuBuffer<T> buffer => buffer.Elements.SubView(view.Offset, view.Length),
            _ => throw new ArgumentException($"the operand lies in the memory of another backend ({view.Buffer.GetType().Name})", nameof(view)),
        };
}
