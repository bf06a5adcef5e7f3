using DirKernels.Backends;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>A model that several threads predict with: at once on the processor, in turn on another device.</summary>
internal sealed class SharedModel : IDisposable
{
    private readonly Predictor? _predictor;
    private readonly RegressionModel? _model;
    private readonly Lock _turn = new();

    /// <summary>Prepares a model.</summary>
    /// <param name="snapshot">The model.</param>
    /// <param name="device">Where it predicts; null for the processor. Not disposed of with this.</param>
    public SharedModel(ModelSnapshot snapshot, IBackend? device)
    {
        KnowsUncertainty = snapshot.KnowsUncertainty;
        _predictor = device is null ? snapshot.ToPredictor() : null;
        _model = device is null ? null : snapshot.ToModel(device);
    }

    /// <summary>Whether the model says how uncertain its predictions are.</summary>
    public bool KnowsUncertainty { get; }

    /// <summary>Predicts rows.</summary>
    /// <param name="inputs">[n x inputs].</param>
    /// <param name="values">[n], in original units.</param>
    /// <param name="deviations">[n] standard deviations; empty when the model knows none.</param>
    public void Predict(ReadOnlySpan<float> inputs, Span<double> values, Span<double> deviations)
    {
        if (_predictor is not null)
        {
            if (KnowsUncertainty)
            {
                _predictor.Predict(inputs, values, deviations);
            }
            else
            {
                _predictor.Predict(inputs, values);
            }

            return;
        }

        lock (_turn)
        {
            if (KnowsUncertainty)
            {
                _model!.Predict(inputs, values, deviations);
            }
            else
            {
                _model!.Predict(inputs, values);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _predictor?.Dispose();
        _model?.Dispose();
    }
}
