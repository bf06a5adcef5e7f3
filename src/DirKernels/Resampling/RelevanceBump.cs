namespace DirKernels.Resampling;

/// <summary>Rows whose labels are neighbours in label order and on the same side of the relevance threshold.</summary>
/// <param name="IsRare">Whether their relevance reaches the threshold.</param>
/// <param name="Rows">The rows in increasing order of label, equal labels in order of row; at least one.</param>
/// <param name="Lowest">Their lowest label.</param>
/// <param name="Highest">Their highest label.</param>
public sealed record RelevanceBump(bool IsRare, IReadOnlyList<int> Rows, double Lowest, double Highest);
