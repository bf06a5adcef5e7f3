namespace DirKernels.Metrics;

/// <summary>One row of the per-bin table: the test errors of a label bin beside the number of its training samples.</summary>
/// <param name="Bin">Index of the bin.</param>
/// <param name="Lower">Lower edge, in units of the label.</param>
/// <param name="Upper">Upper edge, in units of the label.</param>
/// <param name="TrainCount">Training samples in the bin.</param>
/// <param name="TestCount">Test samples in the bin.</param>
/// <param name="MeanAbsoluteError">Mean |e| over the test samples; null when there are none.</param>
/// <param name="MeanSquaredError">Mean e^2 over the test samples; null when there are none.</param>
/// <param name="MeanError">Mean e = prediction - label, signed: the bias of the bin; null when there are no test samples.</param>
public sealed record BinErrors(
    int Bin, double Lower, double Upper, double TrainCount, int TestCount, double? MeanAbsoluteError, double? MeanSquaredError, double? MeanError);
