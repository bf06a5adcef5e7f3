using DirKernels.Backends;
using DirKernels.Features;

namespace DirKernels.Networks;

/// <summary>Feature transport in a training run: gathers means and residuals, and moves the features, labels and bins of each batch.</summary>
/// <remarks>Features, predictions, targets and bins of a batch are read and moved on the host by one thread; on a device they cross there and back.</remarks>
internal sealed class TransportPass : IDisposable
{
    private readonly FeatureTransport _transport;
    private readonly double _scale;
    private readonly FeatureMoments _moments;
    private readonly HostMirror<float> _features;
    private readonly HostMirror<float> _moved;
    private readonly HostMirror<float> _predictions;
    private readonly HostMirror<float> _targets;
    private readonly HostMirror<int> _bins;
    private readonly int[] _destinations;
    private readonly PredictionHead _head;
    private double _residualSum;
    private double _residualSquares;
    private long _residuals;

    /// <summary>Prepares transfers.</summary>
    /// <param name="transport">Draws and moves.</param>
    /// <param name="network">The network.</param>
    /// <param name="capacity">Rows of the largest batch.</param>
    /// <param name="binCount">B.</param>
    /// <param name="scale">Scale of the standardised targets.</param>
    public TransportPass(FeatureTransport transport, RegressionNetwork network, int capacity, int binCount, double scale)
    {
        IBackend backend = network.Backend;
        int dimensions = network.Shape.FeatureDimensions;
        _transport = transport;
        _scale = scale;
        _head = network.Shape.Head;
        _moments = new FeatureMoments(dimensions, binCount, CovarianceKind.Diagonal, backend);
        _features = new HostMirror<float>(backend, (long)capacity * dimensions);
        _moved = new HostMirror<float>(backend, (long)capacity * dimensions);
        _predictions = new HostMirror<float>(backend, (long)capacity * network.Shape.Outputs);
        _targets = new HostMirror<float>(backend, capacity);
        _bins = new HostMirror<int>(backend, capacity);
        _destinations = new int[capacity];
    }

    /// <summary>Makes the transport that options name; null for none.</summary>
    /// <exception cref="ArgumentException">The network has several targets, or features are smoothed as well.</exception>
    public static TransportPass? Create(TrainingOptions options, RegressionNetwork network, TrainingSet training, TargetScaling scaling, LabelBins bins, int capacity)
    {
        if (options.Transport is not { } transport)
        {
            return null;
        }

        if (network.Shape.Targets != 1 || options.FeatureSmoothing is not null)
        {
            throw new ArgumentException(options.FeatureSmoothing is not null
                ? "transport and feature smoothing both move features by the statistics of their bins; choose one"
                : $"transport moves one label along with the features, but there are {network.Shape.Targets}");
        }

        var moves = new FeatureTransport(network.Shape.FeatureDimensions, training.Labels, bins, transport, options.Seed);
        return new TransportPass(moves, network, capacity, bins.Count, scaling.Scale[0]);
    }

    /// <summary>Chooses the random numbers of an epoch and forgets what was gathered of another.</summary>
    public void StartEpoch(int epoch)
    {
        _transport.StartEpoch(epoch);
        _moments.Clear();
        (_residualSum, _residualSquares, _residuals) = (0, 0, 0);
    }

    /// <summary>Gathers the statistics of a batch and moves it.</summary>
    /// <param name="pass">The pass that has encoded the batch.</param>
    /// <param name="features">[n x D] its features.</param>
    /// <param name="batches">The batch; its targets and bins are moved in place.</param>
    /// <returns>What enters the head.</returns>
    public DeviceView<float> Apply(NetworkPass pass, DeviceView<float> features, BatchSource batches)
    {
        int rows = batches.BatchRows;
        _moments.Accumulate(features, batches.Bins);
        Span<float> targets = _targets.Read(batches.Targets);
        GatherResiduals(_predictions.Read(pass.Head(features, rows)), targets);
        if (!_transport.IsMoving)
        {
            return features;
        }

        Span<int> bins = _bins.Read(batches.Bins), destinations = _destinations.AsSpan(0, rows);
        DeviceView<float> result = pass.HeadInputs(rows);
        _transport.Draw(batches.RowNumbers, bins, destinations);
        _transport.Move(_features.Read(features), bins, destinations, _moved.Open(result));
        for (int i = 0; i < rows; i++)
        {
            targets[i] += (float)(_transport.LabelMove(bins[i], destinations[i]) / _scale);
        }

        destinations.CopyTo(bins);
        _moved.Write(result);
        _targets.Write(batches.Targets);
        _bins.Write(batches.Bins);
        return result;
    }

    /// <summary>Takes in what the epoch has shown.</summary>
    public void EndEpoch()
    {
        double mean = _residualSum / _residuals, variance = Math.Max(0, _residualSquares / _residuals - mean * mean);
        _transport.EndEpoch(_moments, Math.Sqrt(variance) * _scale);
    }

    /// <summary>Copies what is carried from epoch to epoch.</summary>
    public TransportState Capture() => _transport.Capture();

    /// <summary>Continues from captured numbers.</summary>
    /// <exception cref="InvalidDataException">They are those of other bins, or there are none where there should be, or some where not.</exception>
    public static void Restore(TransportPass? pass, TransportState? state)
    {
        if ((pass is null) != (state is null))
        {
            throw new InvalidDataException($"the checkpoint has {(state is null ? "no " : "")}means for transport, but this run {(pass is null ? "moves nothing" : "needs them")}");
        }

        pass?._transport.Restore(state!);
    }

    /// <inheritdoc/>
    public void Dispose() => _moments.Dispose();

    private void GatherResiduals(ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets)
    {
        int width = _head.Outputs;
        for (int i = 0; i < targets.Length; i++)
        {
            double residual = _head.Decode(outputs.Slice(i * width, width), out _) - targets[i];
            _residualSum += residual;
            _residualSquares += residual * residual;
        }

        _residuals += targets.Length;
    }
}
