namespace DirKernels.Metrics;

/// <summary>Which extreme labels are the relevant ones.</summary>
public enum RelevanceExtremes
{
    /// <summary>Low and high labels.</summary>
    Both,

    /// <summary>Low labels.</summary>
    Low,

    /// <summary>High labels.</summary>
    High,
}
