using DirKernels.Features;

namespace DirKernels.Networks;

/// <summary>Everything that a training run carries from epoch to epoch, on the host: restored, it continues to the same bits.</summary>
public sealed record TrainingState
{
    /// <summary>Epochs that have ended.</summary>
    public required int CompletedEpochs { get; init; }

    /// <summary>Optimiser steps taken in the current stage.</summary>
    public required long Steps { get; init; }

    /// <summary>Parameters, flat.</summary>
    public required float[] Parameters { get; init; }

    /// <summary>Running statistics of batch normalisation.</summary>
    public required float[] NormalizationStatistics { get; init; }

    /// <summary>First moments of the optimiser.</summary>
    public required float[] FirstMoments { get; init; }

    /// <summary>Second moments of the optimiser.</summary>
    public required float[] SecondMoments { get; init; }

    /// <summary>Parameters of the best epoch so far.</summary>
    public required float[] BestParameters { get; init; }

    /// <summary>Running statistics of batch normalisation of the best epoch so far.</summary>
    public required float[] BestNormalizationStatistics { get; init; }

    /// <summary>Best epoch so far, -1 before the first.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Its validation error.</summary>
    public required double BestError { get; init; }

    /// <summary>Feature statistics; null without feature smoothing.</summary>
    public required FeatureStatisticsState? Features { get; init; }

    /// <summary>What the loss itself has learnt; null when it learns nothing.</summary>
    public double[]? Objective { get; init; }

    /// <summary>Means of bins for transport; null without it.</summary>
    public TransportState? Transport { get; init; }

    /// <summary>The networks of an ensemble that were trained before the one that the rest of the state is about; empty otherwise.</summary>
    public IReadOnlyList<FinishedNetwork> Finished { get; init; } = [];
}
