using DirKernels.Networks;

namespace DirKernels.Resampling;

/// <summary>What resampling made of training rows.</summary>
/// <param name="Set">The rows to train on; the given set itself when there was nothing to do.</param>
/// <param name="Parents">[rows of <paramref name="Set"/>] the given row that each one is, copies, or was made from.</param>
/// <param name="OtherParents">[rows of <paramref name="Set"/>] the second row that each one was interpolated with, or -1.</param>
/// <param name="Bumps">The bumps of the given rows; empty for <see cref="ResamplingKind.Wercs"/>.</param>
/// <param name="IsUnchanged">Whether there was nothing to do.</param>
/// <param name="Statement">What was done, or why nothing was, in words.</param>
public sealed record ResampledSet(
    TrainingSet Set, IReadOnlyList<int> Parents, IReadOnlyList<int> OtherParents, IReadOnlyList<RelevanceBump> Bumps, bool IsUnchanged, string Statement);
