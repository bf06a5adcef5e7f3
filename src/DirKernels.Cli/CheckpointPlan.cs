namespace DirKernels.Cli;

/// <summary>How a run keeps its state.</summary>
/// <param name="Store">Where.</param>
/// <param name="Every">Epochs from one checkpoint to the next, while it runs; only in a folder.</param>
/// <param name="Resume">Whether to go on from what is there.</param>
internal sealed record CheckpointPlan(CheckpointStore Store, int Every, bool Resume)
{
    /// <summary>Whether a checkpoint is due after so many epochs.</summary>
    public bool IsDue(int completedEpochs) => Store.IsFolder && completedEpochs % Every == 0;
}
