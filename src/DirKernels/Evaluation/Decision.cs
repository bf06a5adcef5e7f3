namespace DirKernels.Evaluation;

/// <summary>What paired seeds support about a method against the baseline.</summary>
public enum Decision
{
    /// <summary>The error is lower.</summary>
    Win,

    /// <summary>The seeds support no difference.</summary>
    Tie,

    /// <summary>The error is higher.</summary>
    Loss,
}
