using DirKernels.Methods;
using DirKernels.Metrics;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>What <c>train</c> has to tell.</summary>
/// <param name="Plan">Method and options.</param>
/// <param name="Shape">The network.</param>
/// <param name="Data">The data.</param>
/// <param name="Result">What training came to.</param>
/// <param name="Seed">Seed of split and training.</param>
/// <param name="Test">Errors on the test rows; null when there are none.</param>
internal sealed record TrainingSummary(MethodPlan Plan, NetworkShape Shape, TrainingParts Data, TrainingResult Result, ulong Seed, ShotReport? Test)
{
    /// <summary>What resampling did to the training rows; null when the method does not resample.</summary>
    public string? Resampling { get; init; }
}
