using System.Reflection;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;

namespace DirKernels.Gpu;

/// <summary>
/// Compiles kernels for an accelerator. On CUDA the assembly is changed in one respect: branches lose their <c>.uni</c> suffix. The suffix is a hint without
/// meaning for the result, but it keeps the driver's assembler from unrolling loops and so from holding small arrays in registers.
/// </summary>
internal static class KernelLoader
{
    private static readonly FieldInfo? _assembly =
        typeof(PTXCompiledKernel).GetField("<PTXAssembly>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic);

    /// <summary>Compiles and loads a kernel with explicit groups; the result keeps it alive.</summary>
    /// <typeparam name="TLauncher">An Action of the stream, the launch shape and the kernel's parameters.</typeparam>
    public static TLauncher Load<TLauncher>(Accelerator accelerator, MethodInfo kernel)
        where TLauncher : Delegate
    {
        CompiledKernel compiled = accelerator.GetBackend().Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel), default);
        if (compiled is PTXCompiledKernel ptx)
        {
            _assembly?.SetValue(ptx, Patch(ptx.PTXAssembly));
        }

        return accelerator.LoadKernel(compiled).CreateLauncherDelegate<TLauncher>();
    }

    /// <summary>PTX as it is handed to the driver.</summary>
    public static string Patch(string assembly) => assembly.Replace("bra.uni", "bra", StringComparison.Ordinal);
}
