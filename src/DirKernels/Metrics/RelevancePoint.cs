namespace DirKernels.Metrics;

/// <summary>A label whose relevance is known.</summary>
/// <param name="Label">The label, finite.</param>
/// <param name="Relevance">Its relevance, 0..1.</param>
public readonly record struct RelevancePoint(double Label, double Relevance);
