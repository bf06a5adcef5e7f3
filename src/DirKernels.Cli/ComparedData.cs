using DirKernels.Methods;

namespace DirKernels.Cli;

/// <summary>What a comparison was run on.</summary>
/// <param name="Name">File or sample.</param>
/// <param name="Target">Label column.</param>
/// <param name="Train">Training rows.</param>
/// <param name="Validation">Validation rows.</param>
/// <param name="Test">Test rows.</param>
/// <param name="Bins">Label bins.</param>
internal sealed record ComparedData(string Name, string Target, int Train, int Validation, int Test, LabelBins Bins)
{
    /// <summary>The same for a report.</summary>
    public ComparisonNames Names(MethodSettings settings)
    {
        SmoothingKernel kernel = settings.LabelKernel;
        string window = FormattableString.Invariant($"{kernel.Shape}, {kernel.Size} taps, sigma {kernel.Sigma}").ToLowerInvariant();
        return new ComparisonNames(Name, Target, Train, Validation, Test, window, SelectionName.Of(settings.Training.Selection));
    }
}
