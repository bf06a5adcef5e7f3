namespace DirKernels.Backends;

/// <summary>Which map is asked for a bin.</summary>
public enum MapTreatment : byte
{
    /// <summary>The map of the covariance kind.</summary>
    Full,

    /// <summary>The diagonal map: too few samples for a covariance.</summary>
    Diagonal,

    /// <summary>None: the bin has no statistics, features pass unchanged.</summary>
    Identity,
}
