using DirKernels.Metrics;

namespace DirKernels.Diagnostics;

/// <summary>
/// How the error of a label bin goes with its density: Pearson correlations over the bins that have judged rows. Near -1 means that rare labels are
/// predicted worst; smoothing labels is motivated by the effective density going further that way than the empirical one.
/// </summary>
/// <remarks>Source: Yang et al., "Delving into Deep Imbalanced Regression", ICML 2021, section 3.1. Null where a correlation is not defined.</remarks>
/// <param name="Bins">Bins with judged rows.</param>
/// <param name="Empirical">With training rows per bin.</param>
/// <param name="LogEmpirical">With <c>log(1 + training rows)</c>.</param>
/// <param name="Effective">With the smoothed density, in rows per bin.</param>
/// <param name="LogEffective">With <c>log(1 + smoothed density)</c>.</param>
public sealed record DensityCorrelations(int Bins, double? Empirical, double? LogEmpirical, double? Effective, double? LogEffective)
{
    /// <summary>Correlates.</summary>
    /// <param name="errors">[B] mean absolute error of each bin; null where no rows are judged.</param>
    /// <param name="empirical">[B] training rows.</param>
    /// <param name="effective">[B] smoothed density in rows per bin.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static DensityCorrelations Of(IReadOnlyList<double?> errors, IReadOnlyList<double> empirical, IReadOnlyList<double> effective)
    {
        if (errors.Count != empirical.Count || errors.Count != effective.Count)
        {
            throw new ArgumentException($"density correlations: there are {errors.Count} errors, {empirical.Count} empirical and {effective.Count} effective densities");
        }

        int[] judged = [.. Enumerable.Range(0, errors.Count).Where(b => errors[b] is not null)];
        double[] y = Array.ConvertAll(judged, b => errors[b]!.Value);
        double? With(Func<int, double> density) => Correlation.Pearson(Array.ConvertAll(judged, b => density(b)), y);
        return new DensityCorrelations(
            judged.Length, With(b => empirical[b]), With(b => double.LogP1(empirical[b])), With(b => effective[b]), With(b => double.LogP1(effective[b])));
    }
}
