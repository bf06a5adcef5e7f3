namespace DirKernels.Diagnostics;

/// <summary>How far smoothing moves the feature statistics: mean absolute difference between running and smoothed ones after each epoch.</summary>
/// <param name="Means">[epochs] over bins and dimensions, of means, in units of the features.</param>
/// <param name="Variances">[epochs] the same of variances, in squared units.</param>
/// <remarks>Falls when neighbouring bins come to have alike features. Source: Yang et al., ICML 2021, appendix.</remarks>
public sealed record SmoothingDistances(IReadOnlyList<double> Means, IReadOnlyList<double> Variances);
