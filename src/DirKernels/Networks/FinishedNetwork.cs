namespace DirKernels.Networks;

/// <summary>A network of an ensemble that is trained.</summary>
/// <param name="Network">Its best epoch.</param>
/// <param name="CompletedEpochs">Epochs that have ended.</param>
/// <param name="BestEpoch">The epoch whose network was kept, from 0.</param>
public sealed record FinishedNetwork(NetworkSnapshot Network, int CompletedEpochs, int BestEpoch);
