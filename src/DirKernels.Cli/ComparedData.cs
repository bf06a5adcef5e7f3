namespace DirKernels.Cli;

/// <summary>What a comparison was run on.</summary>
/// <param name="Name">File or sample.</param>
/// <param name="Target">Label column.</param>
/// <param name="Train">Training rows.</param>
/// <param name="Validation">Validation rows.</param>
/// <param name="Test">Test rows.</param>
/// <param name="Bins">Label bins.</param>
internal sealed record ComparedData(string Name, string Target, int Train, int Validation, int Test, LabelBins Bins);
