using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>One hidden layer in a pass: its parameters, and what it keeps of a batch.</summary>
internal sealed class LayerPass : IDisposable
{
    private readonly DeviceBuffer<float>? _preActivation;

    /// <summary>Allocates buffers.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layer">Number of the layer.</param>
    /// <param name="capacity">Rows of the largest batch.</param>
    /// <param name="forTraining">Also keep what the backward pass needs.</param>
    public LayerPass(RegressionNetwork network, int layer, int capacity, bool forTraining)
    {
        NetworkShape shape = network.Shape;
        IBackend backend = network.Backend;
        Entries = network.Layout.Layers[layer];
        Inputs = shape.LayerInputs(layer);
        Outputs = shape.Hidden[layer];
        Weights = network.View(Entries.Weights);
        Bias = network.View(Entries.Bias);
        if (shape.BatchNormalization)
        {
            Gain = network.View(Entries.Gain!);
            Offset = network.View(Entries.Offset!);
            Running = network.NormalizationView(layer);
        }

        long count = (long)capacity * Outputs;
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
        BatchStatistics = shape.BatchNormalization ? backend.Allocate<float>(2L * Outputs) : null;
        Dropped = shape.Dropout > 0 ? backend.Allocate<float>(count) : null;
    }

    /// <summary>Where the parameters, and so their gradients, lie.</summary>
    public ParameterLayout.LayerParameters Entries { get; }

    /// <summary>Columns of what enters.</summary>
    public int Inputs { get; }

    /// <summary>Columns of what leaves.</summary>
    public int Outputs { get; }

    public DeviceView<float> Weights { get; }

    public DeviceView<float> Bias { get; }

    /// <summary>Gain of batch normalisation; absent without it.</summary>
    public DeviceView<float> Gain { get; }

    /// <summary>Offset of batch normalisation; absent without it.</summary>
    public DeviceView<float> Offset { get; }

    /// <summary>Running statistics of batch normalisation; absent without it.</summary>
    public DeviceView<float> Running { get; }

    public DeviceBuffer<float> Activated { get; }

    public DeviceBuffer<float>? Linear { get; }

    public DeviceBuffer<float>? BatchStatistics { get; }

    public DeviceBuffer<float>? Dropped { get; }

    /// <summary>The product of a batch.</summary>
    public DenseShape Size(int rows) => new(rows, Inputs, Outputs);

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
