namespace DirKernels;

/// <summary>
/// A symmetric smoothing window of K taps, K odd, in two normalisations: maximum = 1 for labels and sum = 1 for features.
/// </summary>
/// <remarks>
/// Immutable. Taps before normalisation, x = -half..half, half = (K-1)/2: laplace <c>exp(-|x|/sigma)/(2 sigma)</c>; triangular <c>1 - |x|/(half+1)</c>;
/// gaussian: a unit impulse of K taps filtered by a Gaussian truncated at radius int(4 sigma + 0.5) and normalised to sum 1, whose tails fold back at
/// both ends (half-sample symmetric); truncated gaussian: <c>exp(-x^2/(2 sigma^2))</c>.
/// Source: Yang et al., ICML 2021, section 3 and its published results, which used the folded Gaussian; hence it is the default.
/// </remarks>
public sealed class SmoothingKernel
{
    /// <summary>Largest size accepted.</summary>
    public const int MaximumSize = 65535;

    private readonly double[] _unitMaximum;
    private readonly double[] _unitSum;

    private SmoothingKernel(SmoothingKernelShape shape, int size, double sigma, double[] taps)
    {
        Shape = shape;
        Size = size;
        Sigma = sigma;
        double maximum = taps.Max(), sum = taps.Sum();
        _unitMaximum = Array.ConvertAll(taps, t => t / maximum);
        _unitSum = Array.ConvertAll(taps, t => t / sum);
    }

    /// <summary>The published default: folded Gaussian, 5 taps, sigma 2.</summary>
    public static SmoothingKernel Default { get; } = Gaussian(5, 2);

    /// <summary>Family of the window.</summary>
    public SmoothingKernelShape Shape { get; }

    /// <summary>Number of taps K, odd.</summary>
    public int Size { get; }

    /// <summary>Width parameter in bins; without effect on the triangular window.</summary>
    public double Sigma { get; }

    /// <summary>Taps on each side of the centre, (K-1)/2.</summary>
    public int Half => Size / 2;

    /// <summary>K taps scaled to maximum 1: the normalisation of label distribution smoothing.</summary>
    public ReadOnlySpan<double> UnitMaximumTaps => _unitMaximum;

    /// <summary>K taps scaled to sum 1: the normalisation of feature distribution smoothing.</summary>
    public ReadOnlySpan<double> UnitSumTaps => _unitSum;

    /// <summary>The window of the published results: a Gaussian whose tails fold back at both ends. (5, 2) gives .858285 .945828 1 .945828 .858285.</summary>
    /// <exception cref="ArgumentException">Even or out-of-range size, or sigma not positive.</exception>
    public static SmoothingKernel Gaussian(int size, double sigma)
    {
        Validate(size, sigma);
        int radius = (int)(4 * sigma + 0.5), half = size / 2;
        var gaussian = new double[2 * radius + 1];
        for (int x = -radius; x <= radius; x++)
        {
            gaussian[x + radius] = Math.Exp(-0.5 * x * x / (sigma * sigma));
        }

        double sum = gaussian.Sum();
        var taps = new double[size];
        for (int i = 0; i < size; i++)
        {
            for (int x = -radius; x <= radius; x++)
            {
                // The filter reads the impulse at the centre wherever the folded position lands on it.
                if (BoundaryIndex.Resolve(Boundary.Symmetric, i + x, size) == half)
                {
                    taps[i] += gaussian[x + radius] / sum;
                }
            }
        }

        return new SmoothingKernel(SmoothingKernelShape.Gaussian, size, sigma, taps);
    }

    /// <summary>The plain Gaussian <c>exp(-x^2/(2 sigma^2))</c> cut off after half taps; not the window of the published results.</summary>
    /// <exception cref="ArgumentException">Even or out-of-range size, or sigma not positive.</exception>
    public static SmoothingKernel TruncatedGaussian(int size, double sigma) =>
        FromFormula(SmoothingKernelShape.TruncatedGaussian, size, sigma, x => Math.Exp(-0.5 * x * x / (sigma * sigma)));

    /// <summary>Laplace window <c>exp(-|x|/sigma)/(2 sigma)</c>.</summary>
    /// <exception cref="ArgumentException">Even or out-of-range size, or sigma not positive.</exception>
    public static SmoothingKernel Laplace(int size, double sigma) =>
        FromFormula(SmoothingKernelShape.Laplace, size, sigma, x => Math.Exp(-Math.Abs(x) / sigma) / (2 * sigma));

    /// <summary>Triangular window <c>1 - |x|/(half+1)</c>; it has no sigma.</summary>
    /// <exception cref="ArgumentException">Even or out-of-range size.</exception>
    public static SmoothingKernel Triangular(int size) =>
        FromFormula(SmoothingKernelShape.Triangular, size, 1, x => 1 - Math.Abs(x) / (size / 2 + 1.0));

    /// <summary>A window by family; sigma is ignored by the triangular one.</summary>
    /// <exception cref="ArgumentException">Even or out-of-range size, or sigma not positive.</exception>
    public static SmoothingKernel Create(SmoothingKernelShape shape, int size, double sigma) => shape switch
    {
        SmoothingKernelShape.Gaussian => Gaussian(size, sigma),
        SmoothingKernelShape.TruncatedGaussian => TruncatedGaussian(size, sigma),
        SmoothingKernelShape.Laplace => Laplace(size, sigma),
        SmoothingKernelShape.Triangular => Triangular(size),
        _ => throw new ArgumentException($"smoothing kernel: unknown shape {shape}", nameof(shape)),
    };

    /// <summary>Throws when the window has more taps than there are bins to smooth.</summary>
    /// <exception cref="ArgumentException">Size is larger than <paramref name="binCount"/>.</exception>
    public void ThrowIfWiderThan(int binCount)
    {
        if (Size > binCount)
        {
            throw new ArgumentException($"smoothing kernel: {Size} taps are more than the {binCount} bins to smooth");
        }
    }

    /// <summary>For people: <c>gaussian(5, 2)</c>.</summary>
    public override string ToString() => $"{Shape}({Size}, {Sigma:G6})";

    private static SmoothingKernel FromFormula(SmoothingKernelShape shape, int size, double sigma, Func<double, double> formula)
    {
        Validate(size, sigma);
        var taps = new double[size];
        for (int i = 0; i < size; i++)
        {
            taps[i] = formula(i - size / 2);
        }

        return new SmoothingKernel(shape, size, sigma, taps);
    }

    private static void Validate(int size, double sigma)
    {
        if (size is < 1 or > MaximumSize || size % 2 == 0)
        {
            throw new ArgumentException($"smoothing kernel: the size must be odd and 1..{MaximumSize}, but is {size}", nameof(size));
        }

        if (!(sigma > 0) || sigma > 1e6)
        {
            throw new ArgumentException($"smoothing kernel: sigma must be positive and at most 1e6, but is {sigma}", nameof(sigma));
        }
    }
}
