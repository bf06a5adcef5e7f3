namespace DirKernels.Binning;

/// <summary>A rule's constants in every lane.</summary>
internal readonly struct BinRuleVectors<TVector>(TVector lower, TVector width, TVector negativeWidth, TVector inverse, TVector largest, TVector tolerance, bool isRefined)
    where TVector : struct
{
    public readonly TVector Lower = lower;
    public readonly TVector Width = width;
    public readonly TVector NegativeWidth = negativeWidth;

    /// <summary>1 / width, rounded.</summary>
    public readonly TVector Inverse = inverse;

    /// <summary>Largest distance from the lower edge that is looked at: the middle of the last bin stands for all that lies behind.</summary>
    public readonly TVector Largest = largest;
    public readonly TVector Tolerance = tolerance;

    /// <summary>Whether quotients are products with the inverse, refined: neither they nor their remainders leave the range of normal numbers.</summary>
    public readonly bool IsRefined = isRefined;
}
