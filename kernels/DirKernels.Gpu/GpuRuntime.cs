using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace DirKernels.Gpu;

/// <summary>One accelerator with its stream, its compiled kernels and its scratch memory.</summary>
/// <remarks>Operations of a backend take <see cref="Gate"/>, so that their launches lie in one piece on the stream and may share scratch memory.</remarks>
internal sealed partial class GpuRuntime : IDisposable
{
    private readonly Context _context;
    private readonly Accelerator _accelerator;
    private readonly ConcurrentDictionary<MethodInfo, Delegate> _launchers = new();
    private readonly Dictionary<(Type, string), IDisposable> _scratch = [];
    private readonly Dictionary<string, MemoryBuffer1D<int, Stride1D.Dense>> _tables = [];
    private readonly MemoryBuffer1D<double, Stride1D.Dense> _nothing;
    private bool _disposed;

    /// <summary>Opens a device.</summary>
    /// <exception cref="GpuUnavailableException">It is not there, or cannot run the kernels.</exception>
    [RequiresDynamicCode("Kernels are compiled at run time.")]
    public GpuRuntime(GpuDeviceKind kind, int index, MatrixPrecision precision = MatrixPrecision.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        string asked = $"{NameOf(kind)}:{index}";
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            throw new GpuUnavailableException($"{asked}: a program that was compiled ahead of time cannot compile kernels");
        }

        if (kind != GpuDeviceKind.Simulated && !NativeDrivers.Exists(kind))
        {
            throw new GpuUnavailableException($"{asked}: no {(kind == GpuDeviceKind.Cuda ? "NVIDIA driver (libcuda.so.1)" : "OpenCL runtime (libOpenCL.so.1)")} is installed");
        }

        _context = CreateContext(kind);
        try
        {
            IReadOnlyList<Device> devices = GpuDevice.Devices(_context, kind);
            if (index >= devices.Count)
            {
                string found = devices.Count == 0 ? "none" : string.Join(", ", devices.Select((d, i) => $"{NameOf(kind)}:{i} {d.Name.Trim()}"));
                throw new GpuUnavailableException($"{asked}: there is no such device; found {found}");
            }

            _accelerator = devices[index].CreateAccelerator(_context);
            Precision = precision;
            CheckCapabilities(asked);
            Stream = _accelerator.CreateStream();
            Scale = kind == GpuDeviceKind.Simulated ? LaunchScale.Simulation : LaunchScale.Device(Math.Max(1, _accelerator.NumMultiprocessors));
            Description = kind == GpuDeviceKind.Simulated ? "GPU simulated on the CPU" : $"{_accelerator.Name.Trim()} ({asked})";
            _nothing = _accelerator.Allocate1D<double>(2);
        }
        catch (Exception e) when (e is AcceleratorException or CapabilityNotSupportedException)
        {
            Dispose();
            throw new GpuUnavailableException($"{asked}: {e.Message}", e);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Held while an operation issues its launches.</summary>
    public Lock Gate { get; } = new();

    /// <summary>For people: name and number of the device.</summary>
    public string Description { get; }

    /// <summary>Where all work is issued, in order.</summary>
    public AcceleratorStream Stream { get; }

    /// <summary>How large products multiply.</summary>
    public MatrixPrecision Precision { get; }

    /// <summary>Size of the device's memory.</summary>
    public long MemoryBytes => _accelerator.MemorySize;

    /// <summary>Sizes of launches.</summary>
    public LaunchScale Scale { get; }

    /// <summary>Kernels launched so far, for tests and measurements.</summary>
    public long LaunchCount { get; private set; }

    /// <summary>Kernels that were compiled for this device.</summary>
    public IEnumerable<MethodInfo> LoadedKernels => _launchers.Keys;

    /// <summary>A context that knows the devices of one kind.</summary>
    public static Context CreateContext(GpuDeviceKind kind)
    {
        NativeDrivers.Register();
        return Context.Create(builder =>
        {
            builder.EnableAlgorithms().Optimize(OptimizationLevel.O2);
            switch (kind)
            {
                case GpuDeviceKind.Cuda:
                    builder.Cuda();
                    break;
                case GpuDeviceKind.OpenCl:
                    builder.OpenCL();
                    break;
                default:
                    builder.CPU(new CPUDevice(4, 4, 1));
                    break;
            }
        });
    }

    /// <summary>The name that commands use.</summary>
    public static string NameOf(GpuDeviceKind kind) => kind switch
    {
        GpuDeviceKind.Cuda => "cuda",
        GpuDeviceKind.OpenCl => "opencl",
        _ => "simulated",
    };

    /// <summary>New zeroed memory.</summary>
    public MemoryBuffer1D<T, Stride1D.Dense> Reserve<T>(long length)
        where T : unmanaged
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            MemoryBuffer1D<T, Stride1D.Dense> memory = Allocate<T>(Math.Max(1, length));
            memory.MemSetToZero(Stream);
            return memory;
        }
    }

    /// <summary>Gives memory back; it may still be in use by work that was issued.</summary>
    public void Release(IDisposable memory)
    {
        lock (Gate)
        {
            if (!_disposed)
            {
                Stream.Synchronize();
            }

            memory.Dispose();
        }
    }

    /// <summary>
    /// Scratch memory of one purpose, kept between operations; its contents are whatever the last use left. Later work on the stream may reuse it, since
    /// the stream runs in order.
    /// </summary>
    public ArrayView<T> Scratch<T>(string purpose, long length)
        where T : unmanaged
    {
        if (!_scratch.TryGetValue((typeof(T), purpose), out IDisposable? kept) || ((MemoryBuffer1D<T, Stride1D.Dense>)kept).Length < length)
        {
            if (kept is not null)
            {
                Release(kept);
            }

            // Doubling would waste half of a large device; a quarter of slack keeps growing batches from allocating each time.
            kept = Allocate<T>(Math.Max(64, length + length / 4));
            _scratch[(typeof(T), purpose)] = kept;
        }

        return ((MemoryBuffer1D<T, Stride1D.Dense>)kept).View.BaseView.SubView(0, Math.Max(1, length));
    }

    /// <summary>A small array of the host in scratch memory.</summary>
    public ArrayView<T> Upload<T>(string purpose, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        ArrayView<T> view = Scratch<T>(purpose, values.Length);
        if (values.Length > 0)
        {
            view.SubView(0, values.Length).CopyFromCPU(Stream, values);
        }

        return view;
    }

    /// <summary>A table that depends on nothing but its name: uploaded once and kept.</summary>
    public ArrayView<int> Table(string name, Func<int[]> create)
    {
        if (!_tables.TryGetValue(name, out MemoryBuffer1D<int, Stride1D.Dense>? table))
        {
            int[] values = create();
            table = Allocate<int>(Math.Max(1, values.Length));
            table.View.BaseView.SubView(0, values.Length).CopyFromCPU(Stream, values);
            _tables.Add(name, table);
        }

        return table.View.BaseView;
    }

    /// <summary>A view for operands that are left out: some devices do not take null.</summary>
    public ArrayView<T> Nothing<T>()
        where T : unmanaged => _nothing.View.BaseView.Cast<T>();

    /// <summary>Grid and groups for a loop over elements.</summary>
    public KernelConfig Elements(long count) =>
        new((int)Math.Clamp((count + Scale.GroupSize - 1) / Scale.GroupSize, 1, Scale.Groups), Scale.GroupSize);

    /// <summary>Grid and groups for a loop over the elements of bins: x over a bin's elements, y over bins.</summary>
    public KernelConfig ElementsOfBins(int bins, int width)
    {
        int pieces = Elements(width).GridDim.X;
        return new KernelConfig((pieces, Math.Clamp(Scale.Groups / pieces, 1, Math.Min(bins, 65_535)), 1), (Scale.GroupSize, 1, 1));
    }

    /// <summary>Waits for all work.</summary>
    public void Synchronize() => Stream.Synchronize();

    public void Dispose()
    {
        lock (Gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            foreach (IDisposable scratch in _scratch.Values.Concat(_tables.Values))
            {
                scratch.Dispose();
            }

            _nothing?.Dispose();
            Stream?.Dispose();
            _accelerator?.Dispose();
            _context.Dispose();
        }
    }

    private MemoryBuffer1D<T, Stride1D.Dense> Allocate<T>(long length)
        where T : unmanaged
    {
        try
        {
            return _accelerator.Allocate1D<T>(length);
        }
        catch (AcceleratorException e)
        {
            throw new OutOfMemoryException($"{Description}: {length} elements of {Unsafe.SizeOf<T>()} bytes could not be reserved: {e.Message}", e);
        }
    }

    private void CheckCapabilities(string asked)
    {
        if (_accelerator is CLAccelerator { Capabilities.Float64: false })
        {
            throw new GpuUnavailableException($"{asked}: {_accelerator.Name.Trim()} has no double precision, which the statistics need");
        }

        if (Precision != MatrixPrecision.Float32 && _accelerator is not CudaAccelerator { Architecture: { Major: >= 8 } })
        {
            throw new GpuUnavailableException($"{asked}: {Precision} needs the tensor cores of a CUDA device of compute capability 8.0 or higher; {_accelerator.Name.Trim()} has none");
        }

        if (_accelerator is not CPUAccelerator && _accelerator.MaxNumThreadsPerGroup < LaunchScale.LargestGroup)
        {
            throw new GpuUnavailableException($"{asked}: groups of {LaunchScale.LargestGroup} threads are needed, {_accelerator.Name.Trim()} has {_accelerator.MaxNumThreadsPerGroup}");
        }
    }

    private TLauncher Launcher<TLauncher>(Delegate kernel)
        where TLauncher : Delegate
    {
        LaunchCount++;
        if (!_launchers.TryGetValue(kernel.Method, out Delegate? launcher))
        {
            try
            {
                launcher = KernelLoader.Load<TLauncher>(_accelerator, kernel.Method);
            }
            catch (Exception e) when (e is InternalCompilerException or NotSupportedException or AcceleratorException)
            {
                // The kernel compiler's context is not usable after a failure: later kernels would fail with messages that say nothing.
                string name = $"{kernel.Method.DeclaringType?.Name}.{kernel.Method.Name}";
                throw new InvalidOperationException($"{Description}: the kernel {name} could not be compiled; the backend must be opened again: {e.Message}", e);
            }

            _launchers[kernel.Method] = launcher;
        }

        return (TLauncher)launcher;
    }
}
