namespace DirKernels.Benchmarks.Quick;

/// <summary>How long a measurement takes.</summary>
/// <param name="WarmUpMilliseconds">Runs before the first sample.</param>
/// <param name="MeasureMilliseconds">Samples are taken for so long.</param>
/// <param name="FewestRuns">Samples, however long they take.</param>
internal sealed record MeasurementPlan(double WarmUpMilliseconds, double MeasureMilliseconds, int FewestRuns);
