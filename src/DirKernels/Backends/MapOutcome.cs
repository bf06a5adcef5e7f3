namespace DirKernels.Backends;

/// <summary>Which map a bin received.</summary>
public enum MapOutcome : byte
{
    /// <summary>Features pass unchanged: no statistics, or no variance at all.</summary>
    Identity,

    /// <summary>The map of the covariance kind.</summary>
    Mapped,

    /// <summary>The map of the covariance kind after a ridge made the factorisation possible.</summary>
    Ridged,

    /// <summary>The diagonal map, because there were too few samples.</summary>
    TooFewSamples,

    /// <summary>The diagonal map, because the factorisation failed even with a ridge.</summary>
    NotPositiveDefinite,
}
