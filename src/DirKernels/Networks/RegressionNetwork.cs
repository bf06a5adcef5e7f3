using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>Parameters of a regression network on a backend; see <see cref="NetworkShape"/> for what it computes.</summary>
public sealed class RegressionNetwork : IDisposable
{
    /// <summary>Added to variances in batch normalisation.</summary>
    internal const float NormalizationEpsilon = 1e-5f;

    /// <summary>Weight of a batch in the running statistics of batch normalisation.</summary>
    internal const float NormalizationMomentum = 0.1f;

    // Half the usual spread: on imbalanced tables it lowers the error of rare labels and its deviation over seeds, at no cost elsewhere.
    private const float HiddenSpread = 0.5f;
    private const float HeadSpread = 1f;

    /// <summary>Allocates and initialises a network.</summary>
    /// <param name="shape">Sizes and functions.</param>
    /// <param name="backend">Where the parameters live; not disposed of with the network.</param>
    /// <param name="seed">Seed of the initial parameters.</param>
    /// <exception cref="ArgumentException">The shape is not valid.</exception>
    public RegressionNetwork(NetworkShape shape, IBackend backend, ulong seed = 0)
        : this(backend, shape)
    {
        Initialize(seed);
    }

    /// <summary>Allocates a network with given parameters.</summary>
    /// <param name="shape">Sizes and functions.</param>
    /// <param name="backend">Where the parameters live; not disposed of with the network.</param>
    /// <param name="parameters">Laid out by <see cref="ParameterLayout"/>.</param>
    /// <param name="normalizationStatistics">As <see cref="NormalizationStatistics"/>.</param>
    /// <exception cref="ArgumentException">The shape is not valid, or the numbers are not as many as it has.</exception>
    internal RegressionNetwork(NetworkShape shape, IBackend backend, ReadOnlySpan<float> parameters, ReadOnlySpan<float> normalizationStatistics)
        : this(backend, shape)
    {
        if (parameters.Length != Parameters.Length || normalizationStatistics.Length != NormalizationStatistics.Length)
        {
            throw new ArgumentException(
                $"the network {shape} has {Parameters.Length} parameters and {NormalizationStatistics.Length} running statistics, "
                + $"but {parameters.Length} and {normalizationStatistics.Length} are given");
        }

        backend.CopyIn(parameters, Parameters);
        backend.CopyIn(normalizationStatistics, NormalizationStatistics);
    }

    private RegressionNetwork(IBackend backend, NetworkShape shape)
    {
        shape.Validate();
        Shape = shape;
        Backend = backend;
        Layout = new ParameterLayout(shape);
        Parameters = backend.Allocate<float>(Layout.Length);
        NormalizationStatistics = backend.Allocate<float>(shape.BatchNormalization ? 2L * shape.Hidden.Sum() : 0);
    }

    /// <summary>Sizes and functions.</summary>
    public NetworkShape Shape { get; }

    /// <summary>Where the parameters live.</summary>
    public IBackend Backend { get; }

    /// <summary>Where each array lies in <see cref="Parameters"/>.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>All parameters, flat.</summary>
    public DeviceBuffer<float> Parameters { get; }

    /// <summary>Running means, then running variances, of each normalised layer in turn; empty without batch normalisation.</summary>
    public DeviceBuffer<float> NormalizationStatistics { get; }

    /// <summary>
    /// Sets all parameters anew: hidden weights uniform in <c>+-0.5/sqrt(inputs)</c>, head weights in <c>+-1/sqrt(inputs)</c>, biases and offsets 0, gains 1,
    /// running means 0, running variances 1.
    /// </summary>
    /// <param name="seed">The same seed gives the same bits.</param>
    public void Initialize(ulong seed)
    {
        var values = new float[Layout.Length];
        ulong stream = CounterRandom.Stream(seed, 0x1);
        FillUniform(values, Layout.Head.Weights, HeadSpread, stream);
        foreach (ParameterLayout.LayerParameters layer in Layout.Layers)
        {
            FillUniform(values, layer.Weights, HiddenSpread, stream);
            if (layer.Gain is { } gain)
            {
                values.AsSpan((int)gain.Offset, (int)gain.Length).Fill(1);
            }
        }

        Backend.CopyIn<float>(values, Parameters);
        var statistics = new float[NormalizationStatistics.Length];
        long at = 0;
        for (int layer = 0; layer < Shape.Hidden.Count && Shape.BatchNormalization; layer++)
        {
            int width = Shape.Hidden[layer];
            statistics.AsSpan((int)at + width, width).Fill(1);
            at += 2 * width;
        }

        Backend.CopyIn<float>(statistics, NormalizationStatistics);
    }

    /// <summary>Sets the parameters of the head anew, by the rule of <see cref="Initialize"/>.</summary>
    /// <param name="seed">The same seed gives the same bits.</param>
    public void InitializeHead(ulong seed)
    {
        float[] values = Backend.Download(Parameters);
        values.AsSpan((int)Layout.HeadStart).Clear();
        FillUniform(values, Layout.Head.Weights, HeadSpread, CounterRandom.Stream(seed, 0x2));
        Backend.CopyIn<float>(values, Parameters);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Parameters.Dispose();
        NormalizationStatistics.Dispose();
    }

    /// <summary>The network as one operation takes it; null with batch normalisation, whose statistics join all rows of a batch.</summary>
    internal NetworkPlan? PlanFor(RegressionLoss loss) => Shape.BatchNormalization
        ? null
        : new NetworkPlan
        {
            Layers = [.. Layout.Layers.Append(Layout.Head).Select(layer => new DenseLayer(layer.Weights.Rows, layer.Weights.Columns, layer.Weights.Offset, layer.Bias.Offset))],
            Activation = Shape.Activation,
            Dropout = Shape.Dropout,
            Loss = loss,
            ParameterLength = Layout.Length,
        };

    internal DeviceView<float> View(ParameterEntry entry) => Parameters.Slice(entry.Offset, entry.Length);

    /// <summary>[2 x width] running statistics of a normalised layer.</summary>
    internal DeviceView<float> NormalizationView(int layer)
    {
        long at = 0;
        for (int l = 0; l < layer; l++)
        {
            at += 2L * Shape.Hidden[l];
        }

        return NormalizationStatistics.Slice(at, 2L * Shape.Hidden[layer]);
    }

    private static void FillUniform(float[] values, ParameterEntry weights, float spread, ulong stream)
    {
        float bound = spread / MathF.Sqrt(weights.Rows);
        for (long i = weights.Offset; i < weights.Offset + weights.Length; i++)
        {
            values[i] = bound * (2 * CounterRandom.Uniform(stream, (ulong)i) - 1);
        }
    }
}
