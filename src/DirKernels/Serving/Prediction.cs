namespace DirKernels.Serving;

/// <summary>What a model says about one row.</summary>
/// <param name="Value">The prediction, in original units.</param>
/// <param name="Uncertainty">Its standard deviation, in original units; NaN when the model says values only.</param>
public readonly record struct Prediction(double Value, double Uncertainty);
