using System.Globalization;
using DirKernels.Metrics;

namespace DirKernels.Cli;

/// <summary>Regions of bins that a benchmark prescribes, as text: <c>many:0,2;medium:4;few:1,3</c>, bins counted from 0, every bin once.</summary>
internal static class PrescribedRegions
{
    /// <summary>Reads the regions of all bins.</summary>
    /// <param name="text">The text.</param>
    /// <param name="binCount">B.</param>
    /// <exception cref="ArgumentException">Malformed, or a bin does not exist, is named twice or not at all.</exception>
    public static ShotRegion[] Parse(string text, int binCount)
    {
        var regions = new ShotRegion?[binCount];
        foreach (string part in text.Split(';'))
        {
            string[] halves = part.Split(':');
            ShotRegion region = halves[0].Trim() switch
            {
                "many" => ShotRegion.Many,
                "medium" => ShotRegion.Medium,
                "few" => ShotRegion.Few,
                "zero" => ShotRegion.ZeroShot,
                _ => throw new ArgumentException($"--regions: '{part}' does not begin with many:, medium:, few: or zero:"),
            };
            foreach (string number in halves.Length == 2 ? halves[1].Split(',') : throw new ArgumentException($"--regions: '{part}' has no list of bins behind one colon"))
            {
                if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int bin) || bin >= binCount)
                {
                    throw new ArgumentException($"--regions: '{number}' is not a bin from 0 to {binCount - 1}");
                }

                if (regions[bin] is { } other)
                {
                    throw new ArgumentException($"--regions: bin {bin} is named for {region.ToString().ToLowerInvariant()}, but also for {other.ToString().ToLowerInvariant()}");
                }

                regions[bin] = region;
            }
        }

        int missing = Array.FindIndex(regions, region => region is null);
        return missing < 0
            ? Array.ConvertAll(regions, region => region!.Value)
            : throw new ArgumentException($"--regions: bin {missing} of {binCount} is not named");
    }
}
