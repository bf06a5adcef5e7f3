namespace DirKernels.Cli;

/// <summary>How labels become weights, as the options say.</summary>
/// <param name="FixedBins">The bins, or null to derive them from the training labels.</param>
/// <param name="Kernel">The smoothing window, or null for none.</param>
/// <param name="Reweighting">How counts become densities, the clip included.</param>
/// <param name="Clip">The bounds of the counts when the user named them; null leaves each weighting its own.</param>
/// <param name="Boundary">What smoothing reads beyond the end bins.</param>
internal sealed record LabelSmoothingSettings(
    LabelBins? FixedBins, SmoothingKernel? Kernel, Reweighting Reweighting, (double Lower, double Upper)? Clip, Boundary Boundary)
{
    /// <summary>The bins for these training labels.</summary>
    /// <exception cref="InvalidDataException">They are to be derived, but the labels are all equal or not finite.</exception>
    public LabelBins BinsFor(ReadOnlySpan<double> trainLabels) => FixedBins ?? LabelBins.Automatic(trainLabels);
}
