namespace DirKernels.Evaluation;

/// <summary>One rung of successive halving, the best candidate first.</summary>
/// <param name="Epochs">Epochs that its candidates were trained.</param>
/// <param name="Results">Candidates with their validation errors, in increasing order.</param>
public sealed record SearchRung(int Epochs, IReadOnlyList<(SearchCandidate Candidate, double ValidationError)> Results);
