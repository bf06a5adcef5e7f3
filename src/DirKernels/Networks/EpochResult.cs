using DirKernels.Features;

namespace DirKernels.Networks;

/// <summary>What one epoch of training led to.</summary>
/// <param name="Epoch">Number of the epoch, from 0; the second stage of two-stage training counts on.</param>
/// <param name="Loss">Mean weighted loss of the standardised targets over the epoch.</param>
/// <param name="ValidationError">Selection error on the validation rows, original units.</param>
/// <param name="IsBest">Whether it is the lowest so far.</param>
/// <param name="Features">Feature statistics at the end of the epoch; null without feature smoothing.</param>
public readonly record struct EpochResult(int Epoch, double Loss, double ValidationError, bool IsBest, FeatureStatisticsReport? Features);
