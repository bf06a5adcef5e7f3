using DirKernels.Labels;

namespace DirKernels.Objectives;

/// <summary>The distribution of the training labels as weighted points or Gaussians: <c>p(y) = sum_k w_k N(y; c_k, q_k)</c>, q_k = 0 for points.</summary>
public sealed record LabelPrior
{
    /// <summary>Describes a distribution.</summary>
    /// <param name="centres">[K] c, finite.</param>
    /// <param name="weights">[K] w, positive; need not sum to 1.</param>
    /// <param name="variances">[K] q, not negative; null for all 0.</param>
    /// <exception cref="ArgumentException">The lengths differ, there is nothing, or a number is out of its range.</exception>
    public LabelPrior(double[] centres, double[] weights, double[]? variances = null)
    {
        if (centres.Length == 0 || weights.Length != centres.Length || (variances is not null && variances.Length != centres.Length))
        {
            throw new ArgumentException(
                $"label prior: {centres.Length} centres, {weights.Length} weights and {variances?.Length ?? centres.Length} variances must be equally many and at least 1");
        }

        if (Array.Exists(centres, c => !double.IsFinite(c)) || Array.Exists(weights, w => !(w > 0) || !double.IsFinite(w))
            || (variances is not null && Array.Exists(variances, q => !(q >= 0) || !double.IsFinite(q))))
        {
            throw new ArgumentException("label prior: centres must be finite, weights positive and variances not negative");
        }

        Centres = centres;
        Weights = weights;
        Variances = variances;
    }

    /// <summary>[K].</summary>
    public IReadOnlyList<double> Centres { get; }

    /// <summary>[K].</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>[K], or null for all 0.</summary>
    public IReadOnlyList<double>? Variances { get; }

    /// <summary>Frequencies of label bins at the centres of the bins; bins without frequency are left out.</summary>
    /// <param name="labels">[N] training labels, finite.</param>
    /// <param name="bins">B bins.</param>
    /// <param name="kernel">Window that smooths the counts; null for none.</param>
    /// <param name="boundary">What it reads beyond the end bins.</param>
    /// <exception cref="InvalidDataException">There are no labels, or one is not finite.</exception>
    public static LabelPrior OfBins(ReadOnlySpan<double> labels, LabelBins bins, SmoothingKernel? kernel = null, Boundary boundary = Boundary.Zero)
    {
        LabelWeights fitted = LabelDistributionSmoothing.Fit(labels, bins, kernel, Reweighting.Power(1), boundary);
        double sum = fitted.Density.Sum();
        int[] filled = [.. Enumerable.Range(0, bins.Count).Where(b => fitted.Density[b] > 0)];
        return new LabelPrior(Array.ConvertAll(filled, bins.Centre), Array.ConvertAll(filled, b => fitted.Density[b] / sum));
    }

    /// <summary>The same distribution of standardised labels, <c>(y - mean)/scale</c>.</summary>
    public LabelPrior Standardized(double mean, double scale) => new(
        [.. Centres.Select(c => (c - mean) / scale)], [.. Weights], Variances is null ? null : [.. Variances.Select(q => q / (scale * scale))]);
}
