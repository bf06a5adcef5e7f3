using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>A trained network and the scaling of its targets: inputs in, values in original units out.</summary>
/// <remarks>Not thread-safe: it predicts in buffers of its own.</remarks>
public sealed class RegressionModel : IDisposable
{
    private const int BatchRows = 1024;

    private readonly RegressionNetwork _network;
    private readonly TargetScaling _scaling;
    private readonly NetworkPass _pass;
    private readonly DeviceBuffer<float> _inputs;
    private readonly float[] _standardized;

    /// <summary>Takes over a network.</summary>
    /// <param name="network">Parameters; disposed of with the model.</param>
    /// <param name="scaling">Scaling of the targets.</param>
    public RegressionModel(RegressionNetwork network, TargetScaling scaling)
    {
        if (scaling.Mean.Length != network.Shape.Targets || scaling.Scale.Length != network.Shape.Targets)
        {
            throw new ArgumentException($"the network has {network.Shape.Targets} targets but the scaling has {scaling.Mean.Length}");
        }

        _network = network;
        _scaling = scaling;
        _pass = new NetworkPass(network, BatchRows, forTraining: false);
        _inputs = network.Backend.Allocate<float>((long)BatchRows * network.Shape.Inputs);
        _standardized = new float[BatchRows * network.Shape.Targets];
    }

    /// <summary>The network.</summary>
    public RegressionNetwork Network => _network;

    /// <summary>Scaling of the targets.</summary>
    public TargetScaling Scaling => _scaling;

    /// <summary>Predicts rows; labels are not needed.</summary>
    /// <param name="inputs">[n x inputs], prepared like the training inputs.</param>
    /// <param name="values">[n x targets], in original units.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    public void Predict(ReadOnlySpan<float> inputs, Span<double> values)
    {
        NetworkShape shape = _network.Shape;
        int rows = values.Length / shape.Targets;
        if (values.Length % shape.Targets != 0 || inputs.Length != (long)rows * shape.Inputs)
        {
            throw new ArgumentException(
                $"inputs has {inputs.Length} elements, rows of {shape.Inputs}, but values has {values.Length}, rows of {shape.Targets}");
        }

        IBackend backend = _network.Backend;
        for (int start = 0; start < rows; start += BatchRows)
        {
            int count = Math.Min(BatchRows, rows - start);
            DeviceView<float> x = _inputs.Slice(0, (long)count * shape.Inputs);
            backend.CopyIn(inputs.Slice(start * shape.Inputs, count * shape.Inputs), x);
            DeviceView<float> prediction = _pass.Head(_pass.EncodeFixed(x, count), count);
            Span<float> standardized = _standardized.AsSpan(0, count * shape.Targets);
            backend.CopyOut(prediction, standardized);
            _scaling.Restore(standardized, values.Slice(start * shape.Targets, standardized.Length));
        }
    }

    /// <summary>Features of rows, the output of the last hidden layer: what feature diagnostics look at.</summary>
    /// <param name="inputs">[n x inputs].</param>
    /// <param name="features">[n x D].</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    public void Encode(ReadOnlySpan<float> inputs, Span<float> features)
    {
        NetworkShape shape = _network.Shape;
        int width = shape.FeatureDimensions, rows = features.Length / width;
        if (features.Length % width != 0 || inputs.Length != (long)rows * shape.Inputs)
        {
            throw new ArgumentException($"inputs has {inputs.Length} elements, rows of {shape.Inputs}, but features has {features.Length}, rows of {width}");
        }

        for (int start = 0; start < rows; start += BatchRows)
        {
            int count = Math.Min(BatchRows, rows - start);
            DeviceView<float> x = _inputs.Slice(0, (long)count * shape.Inputs);
            _network.Backend.CopyIn(inputs.Slice(start * shape.Inputs, count * shape.Inputs), x);
            _network.Backend.CopyOut(_pass.EncodeFixed(x, count), features.Slice(start * width, count * width));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pass.Dispose();
        _inputs.Dispose();
        _network.Dispose();
    }
}
