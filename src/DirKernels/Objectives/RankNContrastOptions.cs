namespace DirKernels.Objectives;

/// <summary>How Rank-N-Contrast is set up in training; meanings at <see cref="RankNContrast"/>.</summary>
public sealed record RankNContrastOptions
{
    /// <summary>Weight of the term beside the loss, positive.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Temperature tau, positive; 2 as published.</summary>
    public double Temperature { get; init; } = 2;

    internal void Validate()
    {
        if (!(Weight > 0) || !double.IsFinite(Weight) || !(Temperature > 0) || !double.IsFinite(Temperature))
        {
            throw new ArgumentException(FormattableString.Invariant($"rank-n-contrast: weight and temperature must be positive, but are {Weight} and {Temperature}"));
        }
    }
}
