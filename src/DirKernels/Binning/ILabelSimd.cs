namespace DirKernels.Binning;

/// <summary>The formula of <see cref="UniformBinRule"/> on 16 labels at once, in registers of one width.</summary>
/// <remarks>
/// Every implementation finds the same difference, the same rounded quotient and the same sum as
/// <see cref="UniformBinRule.IndexOf"/> and so gives exactly its bin. The difference is clamped first, to where the first and the last bin lie, so that truncation is the floor.
/// </remarks>
/// <typeparam name="TVector">The register of doubles.</typeparam>
internal unsafe interface ILabelSimd<TVector>
    where TVector : struct
{
    static abstract TVector Broadcast(double value);

    /// <summary>Bins of 16 labels.</summary>
    /// <param name="labels">16 labels.</param>
    /// <param name="rule">The formula's constants.</param>
    /// <param name="defects">Collects bits: stays 0 as long as all labels are finite.</param>
    static abstract BinsOf16 Assign(double* labels, in BinRuleVectors<TVector> rule, ref TVector defects);

    /// <summary>Whether any bit is set.</summary>
    static abstract bool IsAnySet(TVector defects);
}
