using DirKernels.Backends;
using DirKernels.Features;

namespace DirKernels.Networks;

/// <summary>
/// Runs batches through a network, forwards for prediction and forwards and backwards for training, in buffers that are allocated once for the largest
/// batch.
/// </summary>
/// <remarks>One batch at a time; several passes over one network may run at once for prediction.</remarks>
internal sealed class NetworkPass : IDisposable
{
    private readonly RegressionNetwork _network;
    private readonly NetworkShape _shape;
    private readonly IBackend _backend;
    private readonly LayerPass[] _layers;
    private readonly DenseShape _headSize;
    private readonly DeviceView<float> _headWeights;
    private readonly DeviceView<float> _headBias;
    private readonly DeviceBuffer<float> _prediction;
    private readonly DeviceBuffer<float>? _calibrated;
    private readonly DeviceBuffer<float>? _gradients;
    private readonly DeviceBuffer<float>? _flow;
    private readonly DeviceBuffer<float>? _nextFlow;
    private readonly DeviceBuffer<float>? _predictionGradient;

    /// <summary>Allocates buffers.</summary>
    /// <param name="network">The network.</param>
    /// <param name="capacity">Rows of the largest batch.</param>
    /// <param name="forTraining">Also keep what the backward pass needs.</param>
    public NetworkPass(RegressionNetwork network, int capacity, bool forTraining)
    {
        _network = network;
        _shape = network.Shape;
        _backend = network.Backend;
        Capacity = capacity;
        _layers = [.. Enumerable.Range(0, _shape.Hidden.Count).Select(layer => new LayerPass(network, layer, capacity, forTraining))];
        _headSize = new DenseShape(0, _shape.FeatureDimensions, _shape.Outputs);
        _headWeights = network.View(network.Layout.Head.Weights);
        _headBias = network.View(network.Layout.Head.Bias);
        _prediction = _backend.Allocate<float>((long)capacity * _shape.Outputs);
        if (forTraining)
        {
            int widest = _shape.Hidden.Append(_shape.Inputs).Max();
            _gradients = _backend.Allocate<float>(network.Layout.Length);
            _flow = _backend.Allocate<float>((long)capacity * widest);
            _nextFlow = _backend.Allocate<float>((long)capacity * widest);
            _predictionGradient = _backend.Allocate<float>((long)capacity * _shape.Outputs);
            _calibrated = _backend.Allocate<float>((long)capacity * _shape.FeatureDimensions);
        }
    }

    /// <summary>A term of the loss on features, whose gradient the backward pass adds; null for none.</summary>
    public FeatureObjectivePass? FeatureObjective { get; init; }

    /// <summary>Rows of the largest batch.</summary>
    public int Capacity { get; }

    /// <summary>Gradient of the loss with respect to all parameters, laid out like them.</summary>
    public DeviceBuffer<float> Gradients => _gradients!;

    /// <summary>Predictions of the last batch.</summary>
    public DeviceView<float> Prediction(int rows) => _prediction.Slice(0, (long)rows * _headSize.Outputs);

    /// <summary>[rows x D] memory for the features of a batch.</summary>
    public DeviceView<float> Features(int rows)
    {
        LayerPass last = _layers[^1];
        return last.Output(_shape.Dropout > 0, (long)rows * last.Outputs);
    }

    /// <summary>Gradient of the loss with respect to the predictions of the last batch.</summary>
    public DeviceView<float> PredictionGradient(int rows) => _predictionGradient!.Slice(0, (long)rows * _headSize.Outputs);

    /// <summary>Encoder for prediction: running statistics, no dropout. Returns the features [rows x D].</summary>
    public DeviceView<float> EncodeFixed(DeviceView<float> inputs, int rows)
    {
        DeviceView<float> x = inputs;
        foreach (LayerPass layer in _layers)
        {
            DenseShape size = layer.Size(rows);
            DeviceView<float> y = layer.Activated.Slice(0, (long)rows * size.Outputs);
            if (_shape.BatchNormalization)
            {
                _backend.Dense(x, layer.Weights, layer.Bias, size, Activation.Identity, default, y);
                _backend.BatchNormalizeFixed(y, size.Outputs, layer.Gain, layer.Offset, RegressionNetwork.NormalizationEpsilon, layer.Running, y);
                _backend.Activate(_shape.Activation, y, y);
            }
            else
            {
                _backend.Dense(x, layer.Weights, layer.Bias, size, _shape.Activation, default, y);
            }

            x = y;
        }

        return x;
    }

    /// <summary>Encoder in training: batch statistics and dropout; keeps what the backward pass needs. Returns the features [rows x D].</summary>
    /// <param name="inputs">[rows x inputs].</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="dropoutStream">Key of the random numbers of this batch.</param>
    public DeviceView<float> Encode(DeviceView<float> inputs, int rows, ulong dropoutStream)
    {
        DeviceView<float> x = inputs;
        for (int i = 0; i < _layers.Length; i++)
        {
            LayerPass layer = _layers[i];
            DenseShape size = layer.Size(rows);
            long count = (long)rows * size.Outputs;
            DeviceView<float> y = layer.Activated.Slice(0, count), pre = layer.PreActivation(count);
            if (_shape.BatchNormalization)
            {
                DeviceView<float> linear = layer.Linear!.Slice(0, count);
                _backend.Dense(x, layer.Weights, layer.Bias, size, Activation.Identity, default, linear);
                _backend.BatchNormalize(
                    linear,
                    size.Outputs,
                    layer.Gain,
                    layer.Offset,
                    RegressionNetwork.NormalizationMomentum,
                    RegressionNetwork.NormalizationEpsilon,
                    layer.Running,
                    layer.BatchStatistics!,
                    pre);
                _backend.Activate(_shape.Activation, pre, y);
            }
            else
            {
                _backend.Dense(x, layer.Weights, layer.Bias, size, _shape.Activation, pre, y);
            }

            x = y;
            if (_shape.Dropout > 0)
            {
                x = layer.Dropped!.Slice(0, count);
                _backend.Dropout(y, _shape.Dropout, CounterRandom.Stream(dropoutStream, (ulong)i), x);
            }
        }

        return x;
    }

    /// <summary>Head: <c>prediction = features W + b</c>.</summary>
    public DeviceView<float> Head(DeviceView<float> features, int rows)
    {
        DeviceView<float> prediction = Prediction(rows);
        _backend.Dense(features, _headWeights, _headBias, HeadSize(rows), Activation.Identity, default, prediction);
        return prediction;
    }

    /// <summary>Loss of the last predictions, added to <paramref name="lossSum"/> times the rows; the gradient is kept for the backward pass.</summary>
    public void Loss(RegressionLoss loss, DeviceView<float> target, DeviceView<float> weight, int rows, DeviceView<double> lossSum) =>
        _backend.LossGradient(loss, Prediction(rows), target, weight, _shape.Targets, PredictionGradient(rows), lossSum);

    /// <summary>Room for what enters the head in the place of the features [rows x D].</summary>
    public DeviceView<float> HeadInputs(int rows) => _calibrated!.Slice(0, (long)rows * _headSize.Inputs);

    /// <summary>Calibrated features of a batch, for the head in training.</summary>
    public DeviceView<float> Calibrate(FeatureDistributionSmoothing smoothing, DeviceView<float> features, DeviceView<int> bins)
    {
        DeviceView<float> calibrated = _calibrated!.Slice(0, features.Length);
        smoothing.Calibrate(features, bins, calibrated);
        return calibrated;
    }

    /// <summary>Gradient of the head alone, for training with a frozen encoder.</summary>
    public void HeadBackward(DeviceView<float> features, int rows) => HeadGradient(features, rows, default);

    /// <summary>Gradient of all parameters.</summary>
    /// <param name="inputs">[rows x inputs] of <see cref="Encode"/>.</param>
    /// <param name="headInputs">What entered the head: features, or calibrated features.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="dropoutStream">As in <see cref="Encode"/>.</param>
    /// <param name="smoothing">The smoothing that calibrated, or null.</param>
    /// <param name="bins">[rows], read with smoothing only.</param>
    public void Backward(
        DeviceView<float> inputs, DeviceView<float> headInputs, int rows, ulong dropoutStream, FeatureDistributionSmoothing? smoothing, DeviceView<int> bins)
    {
        if (_layers.Length == 0)
        {
            HeadGradient(headInputs, rows, default);
            return;
        }

        DeviceBuffer<float> flow = _flow!, next = _nextFlow!;
        DeviceView<float> gradient = flow.Slice(0, (long)rows * _headSize.Inputs);
        HeadGradient(headInputs, rows, gradient);
        smoothing?.CalibrateGradient(gradient, bins, gradient);
        FeatureObjective?.AddGradient(gradient);
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            LayerPass layer = _layers[i];
            DenseShape size = layer.Size(rows);
            long count = (long)rows * size.Outputs;
            gradient = flow.Slice(0, count);
            if (_shape.Dropout > 0)
            {
                _backend.Dropout(gradient, _shape.Dropout, CounterRandom.Stream(dropoutStream, (ulong)i), gradient);
            }

            _backend.ActivationGradient(_shape.Activation, layer.PreActivation(count), layer.Activated.Slice(0, count), gradient, gradient);
            if (_shape.BatchNormalization)
            {
                _backend.BatchNormalizeGradient(
                    layer.Linear!.Slice(0, count),
                    size.Outputs,
                    layer.Gain,
                    layer.BatchStatistics!,
                    gradient,
                    GradientView(layer.Entries.Gain!),
                    GradientView(layer.Entries.Offset!),
                    gradient);
            }

            DeviceView<float> x = i == 0 ? inputs : _layers[i - 1].Output(_shape.Dropout > 0, (long)rows * size.Inputs);
            DeviceView<float> dX = i == 0 ? default : next.Slice(0, (long)rows * size.Inputs);
            _backend.DenseGradient(x, layer.Weights, gradient, size, GradientView(layer.Entries.Weights), GradientView(layer.Entries.Bias), dX);
            (flow, next) = (next, flow);
        }
    }

    public void Dispose()
    {
        foreach (LayerPass layer in _layers)
        {
            layer.Dispose();
        }

        _prediction.Dispose();
        _calibrated?.Dispose();
        _gradients?.Dispose();
        _flow?.Dispose();
        _nextFlow?.Dispose();
        _predictionGradient?.Dispose();
    }

    private DenseShape HeadSize(int rows) => _headSize with { Rows = rows };

    private DeviceView<float> GradientView(ParameterEntry entry) => Gradients.Slice(entry.Offset, entry.Length);

    private void HeadGradient(DeviceView<float> features, int rows, DeviceView<float> dFeatures)
    {
        ParameterLayout.LayerParameters head = _network.Layout.Head;
        _backend.DenseGradient(
            features, _headWeights, PredictionGradient(rows), HeadSize(rows), GradientView(head.Weights), GradientView(head.Bias), dFeatures);
    }
}
