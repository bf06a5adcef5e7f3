namespace DirKernels.Monitoring;

/// <summary>How far the distribution of one quantity has moved between two sketches.</summary>
/// <param name="StabilityIndex">
/// Population stability index: <c>sum (p_k - q_k) ln(p_k / q_k)</c> over cells, half a row added to each; symmetric, 0 and more. Below 0.1 is usually called stable, above 0.25 a shift.
/// </param>
/// <param name="Expected">What it is on average without any drift, <c>(cells in use - 1) (1/n + 1/m)</c>: a few rows are never distributed exactly alike. Source: Yurdakul, 2018.</param>
/// <param name="LargestGap">Largest difference of the cumulative shares, 0..1: the statistic of Kolmogorov and Smirnov, on cells.</param>
/// <param name="MeanShift">Difference of the means in standard deviations of the reference; NaN of label bins and where the reference does not vary.</param>
/// <param name="SpreadRatio">Standard deviation over that of the reference; NaN likewise.</param>
/// <param name="MissingShare">Share of the rows in which it is missing.</param>
public readonly record struct DriftMeasure(double StabilityIndex, double Expected, double LargestGap, double MeanShift, double SpreadRatio, double MissingShare)
{
    /// <summary>Whether the index, less what chance gives it, is above a bound.</summary>
    /// <param name="bound">0.25 by convention for a shift, 0.1 for something to look at.</param>
    public bool Exceeds(double bound) => StabilityIndex - Expected > bound;
}
