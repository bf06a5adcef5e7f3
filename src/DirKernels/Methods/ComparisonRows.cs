namespace DirKernels.Methods;

/// <summary>Rows of one part of a data set: inputs prepared alike, labels in original units.</summary>
/// <param name="Inputs">[N x inputs], row-major, standardised on the training part.</param>
/// <param name="Labels">[N].</param>
public sealed record ComparisonRows(float[] Inputs, double[] Labels);
