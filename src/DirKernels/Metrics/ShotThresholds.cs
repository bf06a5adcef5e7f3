namespace DirKernels.Metrics;

/// <summary>
/// Bounds between many-, medium- and few-shot bins by the number n of training samples: many n &gt; Many, few n &lt; Few, medium in between.
/// </summary>
/// <remarks>Source: Yang et al., ICML 2021, section 4.1: many above 100, medium 20..100, few below 20.</remarks>
public readonly record struct ShotThresholds
{
    /// <summary>Other bounds than the published ones.</summary>
    /// <param name="many">Bins with more training samples are many-shot.</param>
    /// <param name="few">Bins with fewer training samples are few-shot.</param>
    /// <exception cref="ArgumentException">Not 0 &lt;= few &lt;= many + 1.</exception>
    public ShotThresholds(double many, double few)
    {
        if (!(few >= 0) || !(few <= many + 1) || !double.IsFinite(many))
        {
            throw new ArgumentException($"shot thresholds: they must be 0 <= few <= many + 1, but few is {few} and many is {many}");
        }

        Many = many;
        Few = few;
    }

    /// <summary>Bins with more training samples are many-shot.</summary>
    public double Many { get; }

    /// <summary>Bins with fewer training samples are few-shot, down to one; zero-shot without any.</summary>
    public double Few { get; }

    /// <summary>The published thresholds: many above 100, few below 20.</summary>
    public static ShotThresholds Default => new(100, 20);

    /// <summary>Region of a bin with this many training samples.</summary>
    public ShotRegion RegionOf(double trainCount) =>
        trainCount <= 0 ? ShotRegion.ZeroShot
        : trainCount > Many ? ShotRegion.Many
        : trainCount < Few ? ShotRegion.Few
        : ShotRegion.Medium;
}
