namespace DirKernels.Metrics;

/// <summary>How many training samples the bin of a label had.</summary>
public enum ShotRegion
{
    /// <summary>More than the many-shot threshold (100).</summary>
    Many,

    /// <summary>Between the thresholds (20..100).</summary>
    Medium,

    /// <summary>Fewer than the few-shot threshold (20), but at least one.</summary>
    Few,

    /// <summary>None: the model never saw a label of this bin.</summary>
    ZeroShot,
}
