using System.Numerics;
using DirKernels.Backends;
using DirKernels.Backends.Cpu;

namespace DirKernels.Networks;

/// <summary>Prediction of any number of rows by one network, through buffers for a fixed number of them.</summary>
/// <remarks>One call at a time; several passes over one network may run at once.</remarks>
internal sealed unsafe class PredictionPass : IDisposable
{
    /// <summary>Rows that go through the network in one operation.</summary>
    private const int BatchRows = 4096;

    /// <summary>Rows that go through it layer by layer: few enough that a layer's activations stay in the second-level cache.</summary>
    private const int LayerRows = 1024;

    private readonly int _inputColumns;
    private readonly int _targets;
    private readonly int _outputs;
    private readonly PredictionHead _head;
    private readonly int _featureColumns;
    private readonly IBackend _backend;
    private readonly RegressionNetwork _network;
    private readonly NetworkPlan? _plan;
    private readonly int _batchRows;
    private readonly DeviceBuffer<float> _prediction;
    private readonly DeviceBuffer<float> _inputs;
    private readonly CpuBuffer<float>? _window;
    private readonly float[] _standardized;
    private NetworkPass? _layers;

    /// <summary>Layer by layer: for features, and where batch normalisation stands between the layers. Made when first asked for.</summary>
    private NetworkPass Layers => _layers ??= new NetworkPass(_network, LayerRows, forTraining: false);

    /// <summary>Allocates buffers.</summary>
    public PredictionPass(RegressionNetwork network)
    {
        NetworkShape shape = network.Shape;
        _inputColumns = shape.Inputs;
        _targets = shape.Targets;
        _outputs = shape.Outputs;
        _head = shape.Head;
        _featureColumns = shape.FeatureDimensions;
        _backend = network.Backend;
        _network = network;
        _plan = network.PlanFor(RegressionLoss.Mse);
        _batchRows = _plan is null ? LayerRows : BatchRows;
        _prediction = _backend.Allocate<float>(_plan is null ? 0 : (long)_batchRows * _outputs);

        // The CPU reads the caller's rows where they lie, and its predictions lie in memory of the host already.
        _window = _backend is CpuBackend ? CpuBuffer<float>.Window() : null;
        _inputs = _window ?? _backend.Allocate<float>((long)_batchRows * _inputColumns);
        _standardized = new float[_window is null ? _batchRows * _outputs : 0];
    }

    /// <summary>Rows of predictions that fit their inputs.</summary>
    /// <exception cref="ArgumentException">They do not; both shapes are named.</exception>
    public static int CountRows(NetworkShape shape, int inputs, int values)
    {
        (int rows, int rest) = Math.DivRem(values, shape.Targets);
        return rest == 0 && inputs == (long)rows * shape.Inputs
            ? rows
            : throw new ArgumentException($"inputs has {inputs} elements, rows of {shape.Inputs}, but values has {values}, rows of {shape.Targets}");
    }

    /// <summary>Throws when uncertainties cannot be had, or are not as many as values.</summary>
    /// <exception cref="InvalidOperationException">The model says values only.</exception>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void CheckUncertainties(bool areKnown, int values, int uncertainties)
    {
        if (!areKnown)
        {
            throw new InvalidOperationException("the head of this network says values only, not how uncertain they are");
        }

        if (values != uncertainties)
        {
            throw new ArgumentException($"values has {values} elements but uncertainties has {uncertainties}");
        }
    }

    /// <summary>Predicts rows and says how uncertain the predictions are.</summary>
    /// <param name="scaling">Scaling of the targets.</param>
    /// <param name="count">n.</param>
    /// <param name="inputs">[n x inputs].</param>
    /// <param name="values">[n x targets], in original units.</param>
    /// <param name="uncertainties">[n x targets], in original units; empty when nobody asks.</param>
    public void Predict<T>(TargetScaling scaling, int count, ReadOnlySpan<float> inputs, Span<T> values, Span<T> uncertainties)
        where T : struct, IFloatingPoint<T>
    {
        fixed (float* rows = inputs)
        {
            float* at = rows;
            for (int left = count; left > 0; at += (long)_batchRows * _inputColumns, left -= _batchRows)
            {
                int batch = Math.Min(_batchRows, left);
                DeviceView<float> prediction = PredictBatch(Attach(at, batch), batch);
                if (_head.IsValue)
                {
                    scaling.Restore(OnHost(prediction), values);
                }
                else
                {
                    Decode(scaling, OnHost(prediction), batch, values, uncertainties);
                    uncertainties = uncertainties.IsEmpty ? uncertainties : uncertainties[batch..];
                }

                values = values[(batch * _targets)..];
            }
        }
    }

    /// <summary>Features of rows.</summary>
    /// <param name="count">n.</param>
    /// <param name="inputs">[n x inputs].</param>
    /// <param name="features">[n x D].</param>
    public void Encode(int count, ReadOnlySpan<float> inputs, Span<float> features)
    {
        fixed (float* rows = inputs)
        {
            float* at = rows;
            for (int left = count; left > 0; at += (long)LayerRows * _inputColumns, left -= LayerRows)
            {
                int batch = Math.Min(LayerRows, left);
                _backend.CopyOut(Layers.EncodeFixed(Attach(at, batch), batch), features[..(batch * _featureColumns)]);
                features = features[(batch * _featureColumns)..];
            }
        }
    }

    public void Dispose()
    {
        _layers?.Dispose();
        _prediction.Dispose();
        _inputs.Dispose();
    }

    private void Decode<T>(TargetScaling scaling, ReadOnlySpan<float> outputs, int rows, Span<T> values, Span<T> uncertainties)
        where T : struct, IFloatingPoint<T>
    {
        double mean = scaling.Mean[0], scale = scaling.Scale[0];
        for (int i = 0; i < rows; i++)
        {
            double value = _head.Decode(outputs.Slice(i * _head.Outputs, _head.Outputs), out double uncertainty);
            values[i] = T.CreateTruncating(mean + scale * value);
            if (!uncertainties.IsEmpty)
            {
                uncertainties[i] = T.CreateTruncating(scale * uncertainty);
            }
        }
    }

    private DeviceView<float> Attach(float* rows, int count)
    {
        int length = count * _inputColumns;
        if (_window is null)
        {
            _backend.CopyIn(new ReadOnlySpan<float>(rows, length), _inputs.Slice(0, length));
        }
        else
        {
            _window.Attach(rows, length);
        }

        return _inputs.Slice(0, length);
    }

    private DeviceView<float> PredictBatch(DeviceView<float> inputs, int rows)
    {
        if (_plan is null)
        {
            return Layers.Head(Layers.EncodeFixed(inputs, rows), rows);
        }

        DeviceView<float> prediction = _prediction.Slice(0, (long)rows * _outputs);
        _backend.Predict(_plan, inputs, _network.Parameters, prediction);
        return prediction;
    }

    private ReadOnlySpan<float> OnHost(DeviceView<float> prediction)
    {
        if (_window is not null)
        {
            return new ReadOnlySpan<float>(((CpuBuffer<float>)prediction.Buffer!).Pointer + prediction.Offset, (int)prediction.Length);
        }

        Span<float> copy = _standardized.AsSpan(0, (int)prediction.Length);
        _backend.CopyOut(prediction, copy);
        return copy;
    }
}
