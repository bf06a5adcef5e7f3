using DirKernels.Metrics;

namespace DirKernels.Report;

/// <summary>The ground of a panel over label bins, darker the fewer training rows a bin has.</summary>
internal static class RegionShades
{
    /// <summary>Shades of the medium-, few- and zero-shot bins; many-shot bins keep the paper's colour.</summary>
    /// <param name="bins">B bins.</param>
    /// <param name="regions">[B] their regions.</param>
    /// <param name="inLegend">Whether the legend tells them.</param>
    public static IEnumerable<Mark> Of(LabelBins bins, ShotRegion[] regions, bool inLegend)
    {
        (ShotRegion Region, string Name, int Level)[] kinds =
            [(ShotRegion.Many, "many-shot", 0), (ShotRegion.Medium, "medium-shot", 1), (ShotRegion.Few, "few-shot", 2), (ShotRegion.ZeroShot, "zero-shot", 3)];
        foreach ((ShotRegion region, string name, int level) in kinds)
        {
            var lower = new List<double>();
            var upper = new List<double>();
            for (int first = 0; first < regions.Length; first++)
            {
                if (regions[first] != region)
                {
                    continue;
                }

                int last = first;
                while (last + 1 < regions.Length && regions[last + 1] == region)
                {
                    last++;
                }

                lower.Add(bins.LowerEdge(first));
                upper.Add(bins.UpperEdge(last));
                first = last;
            }

            if (lower.Count > 0)
            {
                yield return new ShadeMark(level, lower, upper) { Series = name, Color = PlotColor.Faint, IsInLegend = inLegend };
            }
        }
    }
}
