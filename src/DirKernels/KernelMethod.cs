using System.Runtime.CompilerServices;

namespace DirKernels;

/// <summary>How inner loops are compiled.</summary>
internal static class KernelMethod
{
    /// <summary>
    /// At once with all optimisations, and apart: as part of a caller that has many values of its own, what a loop keeps in registers is kept on the stack. Which callers a kernel becomes part of depends
    /// on what has run before, and predictions of twenty rows took 1.8 times as long in a process that began with them.
    /// </summary>
    public const MethodImplOptions Options = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
