using System.Runtime.InteropServices;

namespace DirKernels.Native;

/// <summary><c>dk_lds_options</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LabelOptions
{
    private const int NoKernel = 0;

    public nuint StructSize;
    public int Kernel;
    public int KernelSize;
    public double KernelSigma;
    public int Reweighting;
    public int Boundary;
    public double Power;
    public double ClipLower;
    public double ClipUpper;

    /// <summary>The published settings: folded Gaussian of 5 taps and sigma 2, square root of the counts.</summary>
    public static unsafe LabelOptions Defaults => new()
    {
        StructSize = (nuint)sizeof(LabelOptions),
        Kernel = 1,
        KernelSize = 5,
        KernelSigma = 2,
        Reweighting = 1,
        Power = 0.5,
        ClipLower = -1,
        ClipUpper = -1,
    };

    public readonly SmoothingKernel? ToKernel() => Kernel == NoKernel ? null : KernelOf(Kernel, KernelSize, KernelSigma);

    public readonly Reweighting ToReweighting()
    {
        Reweighting reweighting = Reweighting switch
        {
            0 => DirKernels.Reweighting.None,
            1 => DirKernels.Reweighting.SqrtInverse,
            2 => DirKernels.Reweighting.Inverse,
            3 => DirKernels.Reweighting.Power(Power),
            _ => throw new NativeCallException(Status.BadArgument, $"options.reweighting is {Reweighting}, but must be one of dk_reweighting, 0..3"),
        };

        // Both negative: the bounds that go with the reweighting.
        return ClipLower < 0 && ClipUpper < 0 ? reweighting : reweighting.WithClip(ClipLower, ClipUpper);
    }

    public readonly Boundary ToBoundary() => Boundary switch
    {
        0 => DirKernels.Boundary.Zero,
        1 => DirKernels.Boundary.Symmetric,
        _ => throw new NativeCallException(Status.BadArgument, $"options.boundary is {Boundary}, but must be one of dk_boundary, 0..1"),
    };

    /// <summary>The window of one of <c>dk_kernel</c>.</summary>
    public static SmoothingKernel KernelOf(int kernel, int size, double sigma) => kernel switch
    {
        1 => SmoothingKernel.Gaussian(size, sigma),
        2 => SmoothingKernel.TruncatedGaussian(size, sigma),
        3 => SmoothingKernel.Laplace(size, sigma),
        4 => SmoothingKernel.Triangular(size),
        _ => throw new NativeCallException(Status.BadArgument, $"options.kernel is {kernel}, but must be one of dk_kernel, 1..4, or 0 where there may be none"),
    };
}
