namespace DirKernels.Metrics;

/// <summary>The test rows of each shot region: those whose label lies in a bin of the region.</summary>
/// <param name="regionOfBin">[B] region of each bin.</param>
/// <param name="binOfRow">[N] bin of each row.</param>
internal sealed class RegionRows(ShotRegion[] regionOfBin, int[] binOfRow)
{
    public int[] Many => Of(ShotRegion.Many, ShotRegion.Many);

    public int[] Medium => Of(ShotRegion.Medium, ShotRegion.Medium);

    /// <summary>Those of zero-shot bins are among them.</summary>
    public int[] Few => Of(ShotRegion.Few, ShotRegion.ZeroShot);

    public int[] ZeroShot => Of(ShotRegion.ZeroShot, ShotRegion.ZeroShot);

    /// <summary>The numbers of some rows.</summary>
    public static double[] Pick(ReadOnlySpan<double> values, int[] rows)
    {
        var picked = new double[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            picked[i] = values[rows[i]];
        }

        return picked;
    }

    private int[] Of(ShotRegion first, ShotRegion last) =>
        [.. Enumerable.Range(0, binOfRow.Length).Where(row => regionOfBin[binOfRow[row]] >= first && regionOfBin[binOfRow[row]] <= last)];
}
