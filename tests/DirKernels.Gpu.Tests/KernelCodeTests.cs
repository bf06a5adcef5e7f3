using System.Text.RegularExpressions;
using ILGPU.Runtime.Cuda;
using Xunit;

namespace DirKernels.Gpu.Tests;

/// <summary>The code of every kernel for GPUs, generated without one.</summary>
public sealed partial class KernelCodeTests
{
    private const int SharedMemoryOfLaunch = 48 * 1024;

    public static TheoryData<string> Names => [.. KernelCatalogue.All.Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void AssemblyIsWhatTheKernelAsksFor(string name)
    {
        KernelCatalogue.Entry entry = KernelCatalogue.All.Single(e => e.Name == name);
        using var compiler = new OfflineCompiler();
        foreach (CudaArchitecture architecture in new[] { CudaArchitecture.SM_80, CudaArchitecture.SM_90 })
        {
            string assembly = compiler.Ptx(entry.Method, architecture);
            string? folder = Environment.GetEnvironmentVariable("DIRKERNELS_PTX_FOLDER");
            if (folder is not null)
            {
                File.WriteAllText(Path.Combine(folder, $"{name.Replace(' ', '-')}.{architecture}.ptx"), assembly);
            }

            Assert.Single(EntryPoint().Matches(assembly));
            Assert.DoesNotContain(".func", assembly, StringComparison.Ordinal);
            Assert.DoesNotContain("bra.uni", assembly, StringComparison.Ordinal);
            if (entry.TensorCores)
            {
                // 16 products of fragments, three times where factors are in two parts. Their operands pass through local variables that the driver's assembler takes away.
                Assert.Equal(entry.Name.Contains("three", StringComparison.Ordinal) ? 48 : 16, MatrixInstruction().Count(assembly));
            }
            else
            {
                Assert.DoesNotContain("__local_depot", assembly, StringComparison.Ordinal);
                Assert.DoesNotContain("mma.", assembly, StringComparison.Ordinal);
            }

            Assert.DoesNotContain(".approx", assembly, StringComparison.Ordinal);
            if (entry.Numbers == KernelCatalogue.Numbers.Single)
            {
                Assert.DoesNotContain(".f64", assembly, StringComparison.Ordinal);
            }

            if (entry.Quads)
            {
                Assert.Matches(@"ld\.global\.v4\.[bf]32", assembly);
            }

            Assert.InRange(SharedBytes(assembly), 0, SharedMemoryOfLaunch);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void OpenClSourceIsGenerated(string name)
    {
        using var compiler = new OfflineCompiler();
        string source = compiler.OpenCl(KernelCatalogue.All.Single(e => e.Name == name).Method);
        Assert.Contains("kernel void", source, StringComparison.Ordinal);
        Assert.DoesNotContain("printf", source, StringComparison.Ordinal);
    }

    private static int SharedBytes(string assembly) => SharedVariable().Matches(assembly).Sum(m => int.Parse(m.Groups[1].Value));

    [GeneratedRegex(@"mma\.sync\.aligned\.m16n8k8\.row\.col\.f32\.tf32\.tf32\.f32")]
    private static partial Regex MatrixInstruction();

    [GeneratedRegex(@"\.visible \.entry")]
    private static partial Regex EntryPoint();

    [GeneratedRegex(@"\.shared[^\n]*\[(\d+)\];")]
    private static partial Regex SharedVariable();
}
