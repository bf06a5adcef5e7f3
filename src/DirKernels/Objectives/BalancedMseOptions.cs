namespace DirKernels.Objectives;

/// <summary>How Balanced MSE is set up in training. Scales are those of the standardised targets: 1 is the standard deviation of the training labels.</summary>
public sealed record BalancedMseOptions
{
    /// <summary>Where the distribution of the labels comes from.</summary>
    public BalancedMseKind Kind { get; init; } = BalancedMseKind.BatchMonteCarlo;

    /// <summary>sigma of the noise of the labels, the initial one when it is learnt; in standard deviations of the training labels.</summary>
    /// <remarks>
    /// Published: 1 in the unit of the labels, learnt. What is learnt on tables is the scale at which a uniform label distribution explains the
    /// rows, which stretches predictions beyond any test; a fixed 0.3 serves them better, and is the dial between the many (smaller) and the few.
    /// </remarks>
    public double Sigma { get; init; } = 0.3;

    /// <summary>Whether sigma is learnt along with the network, as published, or stays.</summary>
    public bool LearnsSigma { get; init; }

    /// <summary>Learning rate of sigma (Adam), the same in all epochs; 1e-2 as published.</summary>
    public double SigmaRate { get; init; } = 1e-2;

    /// <summary>Most components of the mixture of gai, 1..64; as many as the Bayesian information criterion prefers. 8 were published.</summary>
    public int MaximumComponents { get; init; } = 8;

    /// <summary>Window that smooths the bin frequencies of bni; null takes them as they are.</summary>
    public SmoothingKernel? FrequencyWindow { get; init; }

    /// <summary>What that window reads beyond the end bins.</summary>
    public Boundary FrequencyBoundary { get; init; } = Boundary.Zero;

    internal void Validate()
    {
        if (!(Sigma is >= NoiseScale.Smallest and <= 1e6) || !(SigmaRate is > 0 and <= 1) || MaximumComponents is < 1 or > 64)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"balanced mse: sigma must be {NoiseScale.Smallest}..1e6, its rate above 0 and at most 1 and components 1..64, but they are {Sigma}, {SigmaRate} and {MaximumComponents}"));
        }
    }
}
