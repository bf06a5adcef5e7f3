namespace DirKernels.Labels;

/// <summary>
/// DenseWeight: sample weights that fall linearly with the estimated density of the label, without bins:
/// <c>w(y) = max(1 - alpha p'(y), epsilon) / mean</c>.
/// </summary>
/// <remarks>
/// p' is a Gaussian kernel density estimate of the training labels, scaled so that its smallest value over the training labels is 0 and its
/// largest 1; the mean is over the training labels, whose mean weight thus is 1. Labels are scaled to [0, 1] first, so that their unit has no influence.
/// The bandwidth is Silverman's <c>1.06 sd N^(-1/5)</c> of the scaled labels (sd with divisor N) unless given. Labels beyond the training range are
/// as rare as the rarest or as common as the estimate says, p' being kept in [0, 1]. O(N); p' is within 3e-4 of the exact O(N^2) estimate.
/// Immutable and thread-safe.
/// Source: Steininger, Kobs, Davidson, Krause, Hotho, "Density-based weighting for imbalanced regression", Machine Learning 110, 2021.
/// </remarks>
public sealed class DenseWeight
{
    /// <summary>Smallest bandwidth, in units of the label range; Silverman's rule is kept at or above it.</summary>
    public const double SmallestBandwidth = 1e-5;

    /// <summary>Largest bandwidth accepted, in units of the label range.</summary>
    public const double LargestBandwidth = 10;

    private readonly BinnedKernelDensity _density;
    private readonly double _lowest;
    private readonly double _range;
    private readonly double _lowestDensity;
    private readonly double _densityRange;
    private readonly double _mean;

    private DenseWeight(ReadOnlySpan<double> labels, double lowest, double range, double alpha, double epsilon, double? bandwidth)
    {
        _lowest = lowest;
        _range = range;
        Alpha = alpha;
        Epsilon = epsilon;
        Bandwidth = bandwidth ?? Math.Max(SmallestBandwidth, SilvermanBandwidth(labels));
        _density = new BinnedKernelDensity(labels, lowest, range, Bandwidth);

        double smallest = double.PositiveInfinity, largest = 0;
        foreach (double label in labels)
        {
            double density = _density.At((label - _lowest) / _range);
            smallest = Math.Min(smallest, density);
            largest = Math.Max(largest, density);
        }

        _lowestDensity = smallest;
        _densityRange = largest - smallest;

        double sum = 0;
        foreach (double label in labels)
        {
            sum += Unscaled(label);
        }

        _mean = sum / labels.Length;
    }

    /// <summary>How strongly weights fall with the density: 0 weighs all the same, 1 takes the most common label down to epsilon.</summary>
    public double Alpha { get; }

    /// <summary>Smallest weight before division by the mean.</summary>
    public double Epsilon { get; }

    /// <summary>Standard deviation of the kernel, in units of the label range.</summary>
    public double Bandwidth { get; }

    /// <summary>Estimates the density of the training labels.</summary>
    /// <param name="labels">N training labels, finite, at least two different ones.</param>
    /// <param name="alpha">Strength, 0 or larger; 1 by default.</param>
    /// <param name="epsilon">Smallest weight before division by the mean, positive; 1e-6 by default.</param>
    /// <param name="bandwidth">Standard deviation of the kernel in units of the label range, 1e-5..10; null for Silverman's rule.</param>
    /// <exception cref="InvalidDataException">There are no labels, all are equal, their range overflows, or one is not finite (its row is named).</exception>
    /// <exception cref="ArgumentException">A parameter is out of its range.</exception>
    public static DenseWeight Fit(ReadOnlySpan<double> labels, double alpha = 1, double epsilon = 1e-6, double? bandwidth = null)
    {
        if (!(alpha >= 0) || !double.IsFinite(alpha))
        {
            throw new ArgumentException($"dense weight: alpha must be 0 or larger, but is {alpha}", nameof(alpha));
        }

        if (!(epsilon > 0) || !double.IsFinite(epsilon))
        {
            throw new ArgumentException($"dense weight: epsilon must be positive, but is {epsilon}", nameof(epsilon));
        }

        if (bandwidth is { } h && !(h is >= SmallestBandwidth and <= LargestBandwidth))
        {
            throw new ArgumentException(
                $"dense weight: the bandwidth must be {SmallestBandwidth}..{LargestBandwidth} of the label range, but is {h}", nameof(bandwidth));
        }

        if (labels.IsEmpty)
        {
            throw new InvalidDataException("dense weight: there are no training labels to weigh");
        }

        double lowest = double.PositiveInfinity, highest = double.NegativeInfinity;
        for (int i = 0; i < labels.Length; i++)
        {
            FiniteLabel.ThrowIfNot(labels[i], i);
            lowest = Math.Min(lowest, labels[i]);
            highest = Math.Max(highest, labels[i]);
        }

        double range = highest - lowest;
        if (range == 0 || !double.IsFinite(range))
        {
            throw new InvalidDataException(range == 0
                ? $"dense weight: all {labels.Length} labels are equal to {lowest}; their density has no range"
                : $"dense weight: the range of the labels, {lowest} to {highest}, is not a finite number");
        }

        return new DenseWeight(labels, lowest, range, alpha, epsilon, bandwidth);
    }

    /// <summary>Scaled density p' of one label: 0 for the rarest training label and 1 for the most common.</summary>
    /// <exception cref="InvalidDataException">The label is NaN or infinite.</exception>
    public double DensityOf(double label)
    {
        if (!double.IsFinite(label))
        {
            throw new InvalidDataException($"label is {label}; labels must be finite numbers");
        }

        return ScaledDensity(label);
    }

    /// <summary>Weight of one label.</summary>
    /// <exception cref="InvalidDataException">The label is NaN or infinite.</exception>
    public double WeightOf(double label) => Math.Max(1 - Alpha * DensityOf(label), Epsilon) / _mean;

    /// <summary>Weights of labels, seen in training or not: <c>weights[i] = WeightOf(labels[i])</c>.</summary>
    /// <param name="labels">N finite labels.</param>
    /// <param name="weights">Receives N weights.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="InvalidDataException">A label is NaN or infinite; the message names its row.</exception>
    public void Assign(ReadOnlySpan<double> labels, Span<float> weights)
    {
        if (labels.Length != weights.Length)
        {
            throw new ArgumentException($"labels has {labels.Length} entries but weights has {weights.Length}");
        }

        for (int i = 0; i < labels.Length; i++)
        {
            FiniteLabel.ThrowIfNot(labels[i], i);
            weights[i] = (float)(Unscaled(labels[i]) / _mean);
        }
    }

    /// <summary>Weights of labels, as a new array; errors as in the overload that takes a destination.</summary>
    public float[] Assign(ReadOnlySpan<double> labels)
    {
        var weights = new float[labels.Length];
        Assign(labels, weights);
        return weights;
    }

    private double Unscaled(double label) => Math.Max(1 - Alpha * ScaledDensity(label), Epsilon);

    // Labels that are all equally common (two labels, say) have a density range of 0, or of rounding errors only.
    private double ScaledDensity(double label) => _densityRange <= 1e-9 * _lowestDensity
        ? 0
        : Math.Clamp((_density.At((label - _lowest) / _range) - _lowestDensity) / _densityRange, 0, 1);

    private double SilvermanBandwidth(ReadOnlySpan<double> labels)
    {
        double mean = 0, squares = 0;
        foreach (double label in labels)
        {
            mean += (label - _lowest) / _range;
        }

        mean /= labels.Length;
        foreach (double label in labels)
        {
            double deviation = (label - _lowest) / _range - mean;
            squares += deviation * deviation;
        }

        return 1.06 * Math.Sqrt(squares / labels.Length) * Math.Pow(labels.Length, -0.2);
    }
}
