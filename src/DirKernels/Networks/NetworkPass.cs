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
    private readonly LayerBuffers[] _layers;
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
        _layers = [.. _shape.Hidden.Select(width => new LayerBuffers(_backend, _shape, capacity, width, forTraining))];
        _prediction = _backend.Allocate<float>((long)capacity * _shape.Targets);
        if (forTraining)
        {
            int widest = _shape.Hidden.Append(_shape.Inputs).Max();
            _gradients = _backend.Allocate<float>(network.Layout.Length);
            _flow = _backend.Allocate<float>((long)capacity * widest);
            _nextFlow = _backend.Allocate<float>((long)capacity * widest);
            _predictionGradient = _backend.Allocate<float>((long)capacity * _shape.Targets);
            _calibrated = _backend.Allocate<float>((long)capacity * _shape.FeatureDimensions);
        }
    }

    /// <summary>Rows of the largest batch.</summary>
    public int Capacity { get; }

    /// <summary>Gradient of the loss with respect to all parameters, laid out like them.</summary>
    public DeviceBuffer<float> Gradients => _gradients!;

    /// <summary>Predictions of the last batch.</summary>
    public DeviceView<float> Prediction(int rows) => _prediction.Slice(0, (long)rows * _shape.Targets);

    /// <summary>Encoder for prediction: running statistics, no dropout. Returns the features [rows x D].</summary>
    public DeviceView<float> EncodeFixed(DeviceView<float> inputs, int rows)
    {
        DeviceView<float> x = inputs;
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            ParameterLayout.LayerParameters parameters = _network.Layout.Layers[layer];
            var size = new DenseShape(rows, _shape.LayerInputs(layer), _shape.Hidden[layer]);
            DeviceView<float> y = _layers[layer].Activated.Slice(0, (long)rows * size.Outputs);
            if (_shape.BatchNormalization)
            {
                _backend.Dense(x, _network.View(parameters.Weights), _network.View(parameters.Bias), size, Activation.Identity, default, y);
                _backend.BatchNormalizeFixed(
                    y, size.Outputs, _network.View(parameters.Gain!), _network.View(parameters.Offset!), RegressionNetwork.NormalizationEpsilon, _network.NormalizationView(layer), y);
                _backend.Activate(_shape.Activation, y, y);
            }
            else
            {
                _backend.Dense(x, _network.View(parameters.Weights), _network.View(parameters.Bias), size, _shape.Activation, default, y);
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
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            LayerBuffers buffers = _layers[layer];
            ParameterLayout.LayerParameters parameters = _network.Layout.Layers[layer];
            var size = new DenseShape(rows, _shape.LayerInputs(layer), _shape.Hidden[layer]);
            long count = (long)rows * size.Outputs;
            DeviceView<float> y = buffers.Activated.Slice(0, count), pre = buffers.PreActivation(count);
            if (_shape.BatchNormalization)
            {
                DeviceView<float> linear = buffers.Linear!.Slice(0, count);
                _backend.Dense(x, _network.View(parameters.Weights), _network.View(parameters.Bias), size, Activation.Identity, default, linear);
                _backend.BatchNormalize(
                    linear,
                    size.Outputs,
                    _network.View(parameters.Gain!),
                    _network.View(parameters.Offset!),
                    RegressionNetwork.NormalizationMomentum,
                    RegressionNetwork.NormalizationEpsilon,
                    _network.NormalizationView(layer),
                    buffers.BatchStatistics!,
                    pre);
                _backend.Activate(_shape.Activation, pre, y);
            }
            else
            {
                _backend.Dense(x, _network.View(parameters.Weights), _network.View(parameters.Bias), size, _shape.Activation, pre, y);
            }

            x = y;
            if (_shape.Dropout > 0)
            {
                x = buffers.Dropped!.Slice(0, count);
                _backend.Dropout(y, _shape.Dropout, CounterRandom.Stream(dropoutStream, (ulong)layer), x);
            }
        }

        return x;
    }

    /// <summary>Head: <c>prediction = features W + b</c>.</summary>
    public DeviceView<float> Head(DeviceView<float> features, int rows)
    {
        ParameterLayout.LayerParameters head = _network.Layout.Head;
        DeviceView<float> prediction = Prediction(rows);
        _backend.Dense(features, _network.View(head.Weights), _network.View(head.Bias), HeadSize(rows), Activation.Identity, default, prediction);
        return prediction;
    }

    /// <summary>Loss of the last predictions, added to <paramref name="lossSum"/> times the rows; the gradient is kept for the backward pass.</summary>
    public void Loss(RegressionLoss loss, DeviceView<float> target, DeviceView<float> weight, int rows, DeviceView<double> lossSum) =>
        _backend.LossGradient(loss, Prediction(rows), target, weight, _shape.Targets, PredictionGradient(rows), lossSum);

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
        DeviceView<float> gradient = flow.Slice(0, (long)rows * _shape.FeatureDimensions);
        HeadGradient(headInputs, rows, gradient);
        smoothing?.CalibrateGradient(gradient, bins, gradient);
        for (int layer = _layers.Length - 1; layer >= 0; layer--)
        {
            LayerBuffers buffers = _layers[layer];
            ParameterLayout.LayerParameters parameters = _network.Layout.Layers[layer];
            var size = new DenseShape(rows, _shape.LayerInputs(layer), _shape.Hidden[layer]);
            long count = (long)rows * size.Outputs;
            gradient = flow.Slice(0, count);
            if (_shape.Dropout > 0)
            {
                _backend.Dropout(gradient, _shape.Dropout, CounterRandom.Stream(dropoutStream, (ulong)layer), gradient);
            }

            _backend.ActivationGradient(_shape.Activation, buffers.PreActivation(count), buffers.Activated.Slice(0, count), gradient, gradient);
            if (_shape.BatchNormalization)
            {
                _backend.BatchNormalizeGradient(
                    buffers.Linear!.Slice(0, count),
                    size.Outputs,
                    _network.View(parameters.Gain!),
                    buffers.BatchStatistics!,
                    gradient,
                    GradientView(parameters.Gain!),
                    GradientView(parameters.Offset!),
                    gradient);
            }

            DeviceView<float> x = layer == 0 ? inputs : _layers[layer - 1].Output(_shape.Dropout > 0, (long)rows * size.Inputs);
            DeviceView<float> dX = layer == 0 ? default : next.Slice(0, (long)rows * size.Inputs);
            _backend.DenseGradient(x, _network.View(parameters.Weights), gradient, size, GradientView(parameters.Weights), GradientView(parameters.Bias), dX);
            (flow, next) = (next, flow);
        }
    }

    public void Dispose()
    {
        foreach (LayerBuffers layer in _layers)
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

    private DenseShape HeadSize(int rows) => new(rows, _shape.FeatureDimensions, _shape.Targets);

    private DeviceView<float> PredictionGradient(int rows) => _predictionGradient!.Slice(0, (long)rows * _shape.Targets);

    private DeviceView<float> GradientView(ParameterEntry entry) => Gradients.Slice(entry.Offset, entry.Length);

    private void HeadGradient(DeviceView<float> features, int rows, DeviceView<float> dFeatures)
    {
        ParameterLayout.LayerParameters head = _network.Layout.Head;
        _backend.DenseGradient(
            features, _network.View(head.Weights), PredictionGradient(rows), HeadSize(rows), GradientView(head.Weights), GradientView(head.Bias), dFeatures);
    }

    /// <summary>What one hidden layer keeps of a batch.</summary>
    private sealed class LayerBuffers : IDisposable
    {
        private readonly DeviceBuffer<float>? _preActivation;

        public LayerBuffers(IBackend backend, NetworkShape shape, int capacity, int width, bool forTraining)
        {
            long count = (long)capacity * width;
            Activated = backend.Allocate<float>(count);
            if (!forTraining)
            {
                return;
            }

            // relu, tanh and identity find their slope in their value; gelu and silu need the argument, and so does batch normalisation's output.
            if (shape.BatchNormalization || shape.Activation is Activation.Gelu or Activation.Silu)
            {
                _preActivation = backend.Allocate<float>(count);
            }

            Linear = shape.BatchNormalization ? backend.Allocate<float>(count) : null;
            BatchStatistics = shape.BatchNormalization ? backend.Allocate<float>(2L * width) : null;
            Dropped = shape.Dropout > 0 ? backend.Allocate<float>(count) : null;
        }

        public DeviceBuffer<float> Activated { get; }

        public DeviceBuffer<float>? Linear { get; }

        public DeviceBuffer<float>? BatchStatistics { get; }

        public DeviceBuffer<float>? Dropped { get; }

        public DeviceView<float> PreActivation(long count) => _preActivation is null ? default : _preActivation.Slice(0, count);

        public DeviceView<float> Output(bool dropped, long count) => (dropped ? Dropped! : Activated).Slice(0, count);

        public void Dispose()
        {
            Activated.Dispose();
            _preActivation?.Dispose();
            Linear?.Dispose();
            BatchStatistics?.Dispose();
            Dropped?.Dispose();
        }
    }
}
