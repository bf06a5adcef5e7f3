using DirKernels.Metrics;

namespace DirKernels.Methods;

/// <summary>What one method reached with one seed.</summary>
/// <param name="Method">The method.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Test">Errors on the test rows by region.</param>
/// <param name="BestEpoch">Epoch of the model, from 0; of an ensemble that of its first network.</param>
/// <param name="ValidationError">Its validation error.</param>
/// <param name="Seconds">Wall time of resampling, training and testing.</param>
public sealed record MethodOutcome(Method Method, ulong Seed, ShotReport Test, int BestEpoch, double ValidationError, double Seconds)
{
    /// <summary>What resampling did to the training rows, in words; null when the method does not resample.</summary>
    public string? Resampling { get; init; }

    /// <summary>[N] predictions of the test rows, in their order.</summary>
    public IReadOnlyList<double> Predictions { get; init; } = [];

    /// <summary>[N] standard deviations of <see cref="Predictions"/>; null when the model does not say how uncertain it is.</summary>
    public IReadOnlyList<double>? Deviations { get; init; }

    /// <summary>How well they fit the errors on the test rows; null with them.</summary>
    public UncertaintyReport? Uncertainty { get; init; }

    /// <summary>[V] predictions of the validation rows, in their order.</summary>
    public IReadOnlyList<double> ValidationPredictions { get; init; } = [];

    /// <summary>Errors on the validation rows by region: what choices between methods may look at. Null when nobody computed them.</summary>
    public ShotReport? Validation { get; init; }

    /// <summary>[epochs] validation error after each epoch, the second stage of two-stage training last, of an ensemble the mean over its networks: the learning curve.</summary>
    public IReadOnlyList<double> ValidationErrors { get; init; } = [];
}
