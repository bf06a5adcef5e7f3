namespace DirKernels.Binning;

/// <summary>A rule's constants in every lane.</summary>
internal readonly struct BinRuleVectors<TVector>(TVector lower, TVector width, TVector tolerance, TVector last)
    where TVector : struct
{
    public readonly TVector Lower = lower;
    public readonly TVector Width = width;
    public readonly TVector Tolerance = tolerance;
    public readonly TVector Last = last;
}
