namespace DirKernels.Networks;

/// <summary>A trained network and the scaling of its targets: inputs in, values in original units out.</summary>
/// <remarks>Not thread-safe: it predicts in buffers of its own. <see cref="Predictor"/> is the form for many threads.</remarks>
public sealed class RegressionModel : IDisposable
{
    private readonly PredictionPass _pass;

    /// <summary>Takes over a network.</summary>
    /// <param name="network">Parameters; disposed of with the model.</param>
    /// <param name="scaling">Scaling of the targets.</param>
    /// <exception cref="ArgumentException">The network and the scaling have different numbers of targets.</exception>
    public RegressionModel(RegressionNetwork network, TargetScaling scaling)
    {
        scaling.ThrowIfNotOf(network.Shape);
        Network = network;
        Scaling = scaling;
        _pass = new PredictionPass(network);
    }

    /// <summary>The network.</summary>
    public RegressionNetwork Network { get; }

    /// <summary>Scaling of the targets.</summary>
    public TargetScaling Scaling { get; }

    /// <summary>Predicts rows; labels are not needed.</summary>
    /// <param name="inputs">[n x inputs], prepared like the training inputs.</param>
    /// <param name="values">[n x targets], in original units.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    public void Predict(ReadOnlySpan<float> inputs, Span<double> values)
    {
        int rows = PredictionPass.CountRows(Network.Shape, inputs.Length, values.Length);
        _pass.Predict(Scaling, rows, inputs, values);
    }

    /// <summary>Predicts rows and says how uncertain the predictions are.</summary>
    /// <param name="inputs">[n x inputs], prepared like the training inputs.</param>
    /// <param name="values">[n], in original units.</param>
    /// <param name="uncertainties">[n] standard deviations, in original units; see <see cref="PredictionHead"/>.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    /// <exception cref="InvalidOperationException">The head says values only.</exception>
    public void Predict(ReadOnlySpan<float> inputs, Span<double> values, Span<double> uncertainties)
    {
        PredictionPass.CheckUncertainties(Network.Shape, values.Length, uncertainties.Length);
        int rows = PredictionPass.CountRows(Network.Shape, inputs.Length, values.Length);
        _pass.Predict(Scaling, rows, inputs, values, uncertainties);
    }

    /// <summary>Features of rows, the output of the last hidden layer: what feature diagnostics look at.</summary>
    /// <param name="inputs">[n x inputs].</param>
    /// <param name="features">[n x D].</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    public void Encode(ReadOnlySpan<float> inputs, Span<float> features)
    {
        NetworkShape shape = Network.Shape;
        int width = shape.FeatureDimensions, rows = features.Length / width;
        if (features.Length % width != 0 || inputs.Length != (long)rows * shape.Inputs)
        {
            throw new ArgumentException($"inputs has {inputs.Length} elements, rows of {shape.Inputs}, but features has {features.Length}, rows of {width}");
        }

        _pass.Encode(rows, inputs, features);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pass.Dispose();
        Network.Dispose();
    }
}
