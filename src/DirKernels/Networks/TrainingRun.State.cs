using System.Numerics.Tensors;
using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>The state of a run: to keep, and to go on from.</summary>
public sealed partial class TrainingRun
{
    /// <summary>Copies the state at the end of the last epoch to the host.</summary>
    /// <param name="reused">A state that is not needed any more: the new one takes over its arrays. Statistics of full covariances are megabytes, which would be allocated anew each time.</param>
    public TrainingState Capture(TrainingState? reused = null) => new()
    {
        CompletedEpochs = CompletedEpochs,
        Steps = _steps,
        Parameters = _backend.Download(_network.Parameters, reused?.Parameters),
        NormalizationStatistics = _backend.Download(_network.NormalizationStatistics, reused?.NormalizationStatistics),
        FirstMoments = _backend.Download(_firstMoments, reused?.FirstMoments),
        SecondMoments = _backend.Download(_secondMoments, reused?.SecondMoments),
        BestParameters = _backend.Download(_bestParameters, reused?.BestParameters),
        BestNormalizationStatistics = _backend.Download(_bestNormalization, reused?.BestNormalizationStatistics),
        BestEpoch = _bestEpoch,
        BestError = _bestError,
        Features = _smoothing?.Capture(reused?.Features),
        Objective = _objective?.Capture(),
        Transport = _transport?.Capture(),
    };

    /// <summary>Continues from a captured state of a run with the same rows, shape and options.</summary>
    /// <exception cref="InvalidDataException">The state is that of another network or of other bins.</exception>
    public void Restore(TrainingState state)
    {
        long parameters = _network.Layout.Length, normalization = _network.NormalizationStatistics.Length;
        if (state.Parameters.Length != parameters || state.FirstMoments.Length != parameters || state.SecondMoments.Length != parameters
            || state.BestParameters.Length != parameters || state.NormalizationStatistics.Length != normalization
            || state.BestNormalizationStatistics.Length != normalization || state.Finished.Count > 0 || (state.Features is null) != (_smoothing is null))
        {
            throw new InvalidDataException(
                $"the checkpoint has {(state.Finished.Count > 0 ? $"{state.Finished.Count} finished networks, " : "")}{state.Parameters.Length} parameters{(state.Features is null ? "" : " and feature statistics")}, "
                + $"but the network {_network.Shape} has {parameters}{(_smoothing is null ? "" : " and feature statistics")}");
        }

        ThrowIfImpossible(state);
        ObjectivePass.Restore(_objective, state.Objective);
        TransportPass.Restore(_transport, state.Transport);
        _featureObjective?.TakeLossSum();
        if (state.Features is not null)
        {
            _smoothing!.Restore(state.Features);
        }

        _backend.CopyIn<float>(state.Parameters, _network.Parameters);
        _backend.CopyIn<float>(state.NormalizationStatistics, _network.NormalizationStatistics);
        _backend.CopyIn<float>(state.FirstMoments, _firstMoments);
        _backend.CopyIn<float>(state.SecondMoments, _secondMoments);
        _backend.CopyIn<float>(state.BestParameters, _bestParameters);
        _backend.CopyIn<float>(state.BestNormalizationStatistics, _bestNormalization);
        CompletedEpochs = state.CompletedEpochs;
        _steps = state.Steps;
        _bestEpoch = state.BestEpoch;
        _bestError = state.BestError;
    }

    private void ThrowIfImpossible(TrainingState state)
    {
        if (state.Steps < 0 || double.IsNaN(state.BestError) || !TensorPrimitives.IsFiniteAll<float>(state.FirstMoments) || !TensorPrimitives.IsFiniteAll<float>(state.SecondMoments)
            || (_options.Optimizer != OptimizerKind.Sgd && TensorPrimitives.Min<float>(state.SecondMoments) < 0))
        {
            throw new InvalidDataException("the checkpoint holds a state of the optimiser that cannot be");
        }

        if (state.Objective is { } learnt && !TensorPrimitives.IsFiniteAll<double>(learnt))
        {
            throw new InvalidDataException("the checkpoint holds a number that is not finite among those that the loss has learnt");
        }

        if (_transport is not null && state.Transport is { } transport
            && (!TensorPrimitives.IsFiniteAll<double>(transport.Means) || !TensorPrimitives.IsFiniteAll<double>(transport.Counts) || transport.Counts.Any(n => n < 0)
                || !IsPossible(transport.ResidualDeviation, state.CompletedEpochs)))
        {
            throw new InvalidDataException("the checkpoint holds means of bins for transport that cannot be");
        }
    }

    // Before the first epoch has ended there are no residuals yet.
    private static bool IsPossible(double residualDeviation, int completedEpochs) =>
        completedEpochs == 0 ? double.IsNaN(residualDeviation) : double.IsFinite(residualDeviation) && residualDeviation >= 0;
}
