namespace DirKernels.Report;

/// <summary>What the parts of a comparison are called.</summary>
/// <param name="Data">File or sample.</param>
/// <param name="Target">Label column.</param>
/// <param name="Train">Training rows.</param>
/// <param name="Validation">Validation rows.</param>
/// <param name="Test">Test rows.</param>
/// <param name="Window">The window of label smoothing in words.</param>
/// <param name="Selection">What the validation error is: MAE or bMAE.</param>
public sealed record ComparisonNames(string Data, string Target, int Train, int Validation, int Test, string Window, string Selection);
