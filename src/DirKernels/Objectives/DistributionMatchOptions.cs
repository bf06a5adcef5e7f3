namespace DirKernels.Objectives;

/// <summary>How Dist Loss is set up in training.</summary>
public sealed record DistributionMatchOptions
{
    /// <summary>Weight of the distance of the distributions beside the plain loss, not negative; 1 as published.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Standard deviation of the kernel that smooths the label distribution, in standard deviations of the training labels, positive; 0.5 as published.</summary>
    public double Bandwidth { get; init; } = 0.5;

    internal void Validate()
    {
        if (!(Weight >= 0) || !double.IsFinite(Weight) || !(Bandwidth is > 0 and <= 100))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"dist loss: the weight must not be negative and the bandwidth above 0 and at most 100, but they are {Weight} and {Bandwidth}"));
        }
    }
}
