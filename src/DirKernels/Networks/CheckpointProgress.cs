namespace DirKernels.Networks;

/// <summary>The scalars of a <see cref="TrainingState"/>, as a model file's description keeps them.</summary>
internal sealed record CheckpointProgress(int CompletedEpochs, long Steps, int BestEpoch, double BestError, int? CompletedFeatureEpochs)
{
    /// <summary>Epochs that have ended, and the best of them, of each network that was finished before.</summary>
    public IReadOnlyList<(int CompletedEpochs, int BestEpoch)> Finished { get; init; } = [];
}
