namespace DirKernels.Report;

/// <summary>The label axis as bins divide it.</summary>
internal static class BinAxis
{
    /// <summary>An axis over all bins.</summary>
    public static Axis Of(LabelBins bins, string target) => Axis.Exact(target, bins.Edges[0], bins.Edges[^1]);

    public static double[] LowerEdges(LabelBins bins) => bins.Edges[..^1].ToArray();

    public static double[] UpperEdges(LabelBins bins) => bins.Edges[1..].ToArray();

    public static double[] Centres(LabelBins bins) => [.. Enumerable.Range(0, bins.Count).Select(bins.Centre)];
}
