using System.Runtime.InteropServices;
using DirKernels.Features;

namespace DirKernels.Native;

/// <summary><c>dk_fds_options</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FeatureOptions
{
    public nuint StructSize;
    public int BlockSize;
    public int Kernel;
    public int KernelSize;
    public int EmptyBins;
    public double KernelSigma;
    public double Momentum;
    public double ClipLower;
    public double ClipUpper;
    public double Shrinkage;
    public double Strength;
    public int Parts;
    public int Mass;

    /// <summary>The defaults of <see cref="FeatureSmoothingOptions"/>.</summary>
    public static unsafe FeatureOptions Defaults => new()
    {
        StructSize = (nuint)sizeof(FeatureOptions),
        BlockSize = 1,
        Kernel = 1,
        KernelSize = 5,
        KernelSigma = 2,
        Momentum = 0.9,
        ClipLower = 0.1,
        ClipUpper = 10,
        Shrinkage = -1,
        Strength = 1,
    };

    public readonly FeatureSmoothingOptions ToOptions() => new()
    {
        Covariance = CovarianceOf(BlockSize),
        Kernel = LabelOptions.KernelOf(Kernel, KernelSize, KernelSigma),
        Momentum = Momentum < 0 ? null : Momentum,
        EmptyBins = Choice("empty_bins", EmptyBins, DirKernels.EmptyBins.Exclude, DirKernels.EmptyBins.Fill, DirKernels.EmptyBins.Keep),
        ClipLower = (float)ClipLower,
        ClipUpper = (float)ClipUpper,
        Shrinkage = Shrinkage < 0 ? Features.Shrinkage.Estimated : Features.Shrinkage.Fixed((float)Shrinkage),
        Strength = (float)Strength,
        Parts = Choice("parts", Parts, CalibrationParts.Both, CalibrationParts.Mean),
        Mass = Choice("mass", Mass, BinMass.Uniform, BinMass.Count),
    };

    /// <summary>The covariance of a block size: 1 diagonal, 0 full.</summary>
    public static CovarianceKind CovarianceOf(int blockSize) => blockSize == 0 ? CovarianceKind.Full : CovarianceKind.Block(blockSize);

    private static T Choice<T>(string name, int value, params ReadOnlySpan<T> choices) => (uint)value < (uint)choices.Length
        ? choices[value]
        : throw new NativeCallException(Status.BadArgument, $"options.{name} is {value}, but must be 0..{choices.Length - 1}");
}
