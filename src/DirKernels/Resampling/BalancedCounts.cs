namespace DirKernels.Resampling;

/// <summary>How many rows each bump shall have: the strategy "balance".</summary>
/// <remarks>
/// With R rare and S normal rows in r rare and s normal bumps: over-sampling brings a rare bump to S/r rows, under-sampling a normal bump to R/s, and the
/// methods that do both bring every bump to (R + S)/(r + s), each rounded half to even and at least 1. A rare bump never loses rows and a normal one never
/// gains any, so a rare bump that is larger than that, or a normal one that is smaller, stays as it is.
/// </remarks>
internal static class BalancedCounts
{
    /// <summary>[bumps] rows wanted.</summary>
    /// <param name="kind">Any but <see cref="ResamplingKind.Wercs"/>, which knows no bumps.</param>
    /// <param name="bumps">At least one rare and one normal bump.</param>
    public static int[] Of(ResamplingKind kind, IReadOnlyList<RelevanceBump> bumps)
    {
        RelevanceBump[] rare = [.. bumps.Where(bump => bump.IsRare)], normal = [.. bumps.Where(bump => !bump.IsRare)];
        int balanced = kind switch
        {
            ResamplingKind.RandomOver => Share(normal, rare.Length),
            ResamplingKind.RandomUnder => Share(rare, normal.Length),
            _ => Share(bumps, bumps.Count),
        };
        return [.. bumps.Select(bump => Wanted(kind, bump, balanced))];
    }

    private static int Wanted(ResamplingKind kind, RelevanceBump bump, int balanced) => bump.IsRare
        ? kind == ResamplingKind.RandomUnder ? bump.Rows.Count : Math.Max(bump.Rows.Count, balanced)
        : kind == ResamplingKind.RandomOver ? bump.Rows.Count : Math.Min(bump.Rows.Count, balanced);

    private static int Share(IReadOnlyList<RelevanceBump> bumps, int among) =>
        Math.Max(1, (int)Math.Round(bumps.Sum(bump => (double)bump.Rows.Count) / among, MidpointRounding.ToEven));
}
