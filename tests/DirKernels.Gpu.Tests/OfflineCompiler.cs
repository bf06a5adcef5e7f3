using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace DirKernels.Gpu.Tests;

/// <summary>Compiles kernels to PTX and OpenCL C without a device. A context of its own, since a kernel that is refused spoils its context.</summary>
internal sealed class OfflineCompiler : IDisposable
{
    private readonly Context _context = GpuRuntime.CreateContext(GpuDeviceKind.Simulated);

    public string Ptx(MethodInfo kernel, CudaArchitecture architecture)
    {
        using var backend = new PTXBackend(_context, architecture, CudaInstructionSet.ISA_84, null!);
        var compiled = (PTXCompiledKernel)backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel), default);
        return KernelLoader.Patch(compiled.PTXAssembly);
    }

    public string OpenCl(MethodInfo kernel)
    {
        var capabilities = new CLCapabilityContext(float16: false, float64: true, genericAddressSpace: true, int64_Atomics: true, subGroups: false);
        using var backend = new CLBackend(_context, capabilities, CLDeviceVendor.Other, CLCVersion.CL30);
        return ((CLCompiledKernel)backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel), default)).Source;
    }

    public void Dispose() => _context.Dispose();
}
