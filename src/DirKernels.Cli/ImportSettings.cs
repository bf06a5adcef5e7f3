using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>What the user says about a network that is imported.</summary>
/// <param name="Network">What the arrays do not say.</param>
/// <param name="Target">Name of the label.</param>
/// <param name="Columns">Names of the inputs; null for those of the scaling, or c0, c1, ...</param>
/// <param name="ScalingTable">A table of the scaling of the inputs; null when the network takes them as they are.</param>
/// <param name="TargetMean">Mean of the labels that the network was trained on.</param>
/// <param name="TargetScale">Their scale.</param>
/// <param name="Bins">Label bins; null for automatic ones.</param>
/// <param name="TrainTable">A table whose training labels are counted; null for none.</param>
/// <param name="Description">The options as the model file keeps them.</param>
internal sealed record ImportSettings(
    NetworkImportOptions Network, string Target, string[]? Columns, string? ScalingTable, double TargetMean, double TargetScale, LabelBins? Bins, string? TrainTable,
    RunDescription Description);
