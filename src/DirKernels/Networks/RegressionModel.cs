using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>A trained network, or several whose mean is the prediction, and the scaling of the targets: inputs in, values in original units out.</summary>
/// <remarks>
/// <para>Not thread-safe: it predicts in buffers of its own. <see cref="Predictor"/> is the form for many threads.</para>
/// <para>
/// An ensemble of K networks predicts <c>m = sum m_k / K</c> and is uncertain by the law of total variance, <c>sqrt(sum (d_k^2 + (m_k - m)^2) / K)</c>, with
/// m_k the value and d_k the standard deviation of network k in original units, 0 of heads that say values only. Source: Lakshminarayanan, Pritzel and
/// Blundell, "Simple and scalable predictive uncertainty estimation using deep ensembles", NeurIPS 2017.
/// </para>
/// </remarks>
public sealed class RegressionModel : IDisposable
{
    private readonly EnsemblePass _pass;
    private float[] _block = [];

    /// <summary>Takes over a network.</summary>
    /// <param name="network">Parameters; disposed of with the model.</param>
    /// <param name="scaling">Scaling of the targets.</param>
    /// <exception cref="ArgumentException">The network and the scaling have different numbers of targets.</exception>
    public RegressionModel(RegressionNetwork network, TargetScaling scaling)
        : this([new ScaledNetwork(network, scaling)])
    {
    }

    internal RegressionModel(IReadOnlyList<ScaledNetwork> networks)
    {
        foreach ((RegressionNetwork network, TargetScaling scaling) in networks)
        {
            scaling.ThrowIfNotOf(network.Shape);
        }

        Networks = networks;
        _pass = new EnsemblePass(networks);
    }

    /// <summary>The network; the first when there are several.</summary>
    public RegressionNetwork Network => Networks[0].Network;

    /// <summary>Scaling of the targets of <see cref="Network"/>.</summary>
    public TargetScaling Scaling => Networks[0].Scaling;

    /// <summary>Networks whose mean is the prediction; 1 but for an ensemble.</summary>
    public int NetworkCount => Networks.Count;

    /// <summary>Whether the model says how uncertain its predictions are: the head of its network does, or there are several networks.</summary>
    public bool KnowsUncertainty => Distribution is not null;

    /// <summary>How labels are said to lie around predictions: normally for an ensemble, otherwise as the head says; null when nothing is known of it.</summary>
    public ErrorDistribution? Distribution => NetworkCount > 1 ? ErrorDistribution.Normal : Network.Shape.Head.Distribution;

    internal IReadOnlyList<ScaledNetwork> Networks { get; }

    /// <summary>An ensemble: copies the networks of models, each of which then counts alike.</summary>
    /// <param name="models">Models whose networks have one shape, on any backends; they may change or be disposed of afterwards.</param>
    /// <param name="backend">Where the ensemble predicts; not disposed of with it.</param>
    /// <exception cref="ArgumentException">There are no models, or their networks differ in shape; both shapes are named.</exception>
    public static RegressionModel MeanOf(IReadOnlyList<RegressionModel> models, IBackend backend)
    {
        if (models.Count == 0)
        {
            throw new ArgumentException("an ensemble needs at least one model", nameof(models));
        }

        NetworkShape shape = models[0].Network.Shape;
        if (models.FirstOrDefault(model => !model.Network.Shape.Equals(shape)) is { } other)
        {
            throw new ArgumentException($"the networks of an ensemble have one shape, but here are {shape} and {other.Network.Shape}", nameof(models));
        }

        return new RegressionModel([.. models.SelectMany(model => model.Networks).Select(network => network.Download().Upload(shape, backend))]);
    }

    /// <summary>Predicts rows; labels are not needed.</summary>
    /// <param name="inputs">[n x inputs], prepared like the training inputs.</param>
    /// <param name="values">[n x targets], in original units.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    public void Predict(ReadOnlySpan<float> inputs, Span<double> values)
    {
        int rows = PredictionPass.CountRows(Network.Shape, inputs.Length, values.Length);
        _pass.Predict(rows, inputs, values, default);
    }

    /// <summary>Predicts the rows of a set, in memory or in blocks.</summary>
    /// <param name="rows">The rows; labels are not looked at.</param>
    /// <param name="values">[N x targets], in original units.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    /// <exception cref="InvalidDataException">A block cannot be read, or an input in it is not finite.</exception>
    public void Predict(TrainingSet rows, Span<double> values)
    {
        if (rows.Blocks is not { } blocks)
        {
            Predict(rows.Inputs, values);
            return;
        }

        int targets = Network.Shape.Targets;
        if (values.Length != (long)rows.Rows * targets)
        {
            throw new ArgumentException($"there are {rows.Rows} rows of {targets} targets, but values has {values.Length} elements", nameof(values));
        }

        for (int block = 0; block < blocks.BlockCount; block++)
        {
            ReadOnlySpan<float> inputs = ReadBlock(blocks, block);
            Predict(inputs, values.Slice(blocks.FirstRow(block) * targets, blocks.RowsOf(block) * targets));
        }
    }

    /// <summary>Predicts rows and says how uncertain the predictions are.</summary>
    /// <param name="inputs">[n x inputs], prepared like the training inputs.</param>
    /// <param name="values">[n x targets], in original units.</param>
    /// <param name="uncertainties">[n x targets] standard deviations, in original units; see <see cref="PredictionHead"/>.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    /// <exception cref="InvalidOperationException">There is one network, whose head says values only.</exception>
    public void Predict(ReadOnlySpan<float> inputs, Span<double> values, Span<double> uncertainties)
    {
        PredictionPass.CheckUncertainties(KnowsUncertainty, values.Length, uncertainties.Length);
        int rows = PredictionPass.CountRows(Network.Shape, inputs.Length, values.Length);
        _pass.Predict(rows, inputs, values, uncertainties);
    }

    /// <summary>Predicts rows, and how uncertain they are when the model knows.</summary>
    /// <param name="inputs">[n x inputs], prepared like the training inputs.</param>
    /// <returns>[n x targets] values and as many standard deviations, both in original units; no deviations when the model knows none.</returns>
    /// <exception cref="ArgumentException">The inputs are no whole rows.</exception>
    public (double[] Values, double[]? Deviations) PredictAll(ReadOnlySpan<float> inputs)
    {
        var values = new double[inputs.Length / Network.Shape.Inputs * Network.Shape.Targets];
        if (!KnowsUncertainty)
        {
            Predict(inputs, values);
            return (values, null);
        }

        var deviations = new double[values.Length];
        Predict(inputs, values, deviations);
        return (values, deviations);
    }

    /// <summary>Features of rows, the output of the last hidden layer: what feature diagnostics look at.</summary>
    /// <param name="inputs">[n x inputs].</param>
    /// <param name="features">[n x D].</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    /// <exception cref="InvalidOperationException">There are several networks, each with features of its own.</exception>
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

    private ReadOnlySpan<float> ReadBlock(IRowBlocks blocks, int block)
    {
        int length = checked(blocks.RowsOf(block) * blocks.Columns);
        if (_block.Length < length)
        {
            _block = new float[blocks.LargestBlock() * blocks.Columns];
        }

        blocks.ReadFinite(block, _block.AsSpan(0, length));
        return _block.AsSpan(0, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pass.Dispose();
        foreach (ScaledNetwork network in Networks)
        {
            network.Network.Dispose();
        }
    }
}
