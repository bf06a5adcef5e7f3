using System.Numerics;

namespace DirKernels.Networks;

/// <summary>An immutable copy of a model on the CPU that predicts from any number of threads at once: inputs in, values in original units out.</summary>
/// <remarks>
/// <para>
/// Thread-safe. The bits of a prediction are those of <see cref="RegressionModel"/> on this machine, whatever the number of threads and of rows. A batch of any
/// size goes through in runs of 4096 rows: the <c>4 * 4096</c> bytes for each output and each network of the model are a call's, the activations of a few rows at a
/// time, at most 66, are the thread's. With batch normalisation it goes layer by layer through <c>4 * 1024 * (widths of all layers + outputs)</c> bytes. There are as
/// many of them as calls were inside at once, and of those that are not in use four for each processor are kept, at least 32. A call takes one by an atomic
/// instruction and allocates nothing, unless more calls than ever before are inside at once, or the thread is new.
/// </para>
/// <para><see cref="Dispose"/> lets calls that are inside finish.</para>
/// </remarks>
public sealed class Predictor : IDisposable
{
    private readonly SharedNetworks _networks;
    private int _disposed;

    /// <summary>Copies a model; it may change or be disposed of afterwards.</summary>
    /// <param name="model">A model on any backend.</param>
    /// <param name="threads">Threads that share a large batch, the caller included; 0 means one for each processor. 1, the default, leaves all threads to the callers.</param>
    public Predictor(RegressionModel model, int threads = 1)
        : this(SharedNetworks.CopyOf(model, threads))
    {
    }

    internal Predictor(SharedNetworks networks)
    {
        _networks = networks;
        Pool = new PredictionPool(networks);
    }

    /// <summary>Sizes and functions of the network.</summary>
    public NetworkShape Shape => _networks.Networks[0].Network.Shape;

    /// <summary>Networks whose mean is the prediction; 1 but for an ensemble.</summary>
    public int NetworkCount => _networks.Networks.Count;

    /// <summary>Whether the predictor says how uncertain its predictions are: the head of its network does, or there are several networks.</summary>
    public bool KnowsUncertainty => NetworkCount > 1 || !Shape.Head.IsValue;

    internal PredictionPool Pool { get; }

    /// <summary>Another predictor of the same networks, which stay in memory once: with buffers and a lifetime of its own.</summary>
    /// <exception cref="ObjectDisposedException">This one is disposed of.</exception>
    public Predictor Share()
    {
        ObjectDisposedException.ThrowIf(Pool.IsClosed || !_networks.TryUse(), this);
        return new Predictor(_networks);
    }

    /// <summary>Predicts rows.</summary>
    /// <param name="inputs">[n x inputs], prepared like the training inputs; any n.</param>
    /// <param name="values">[n x targets], in original units.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed of.</exception>
    public void Predict(ReadOnlySpan<float> inputs, Span<double> values) => PredictRows(inputs, values, default);

    /// <summary>Predicts rows in single precision: the same values, rounded at the end.</summary>
    /// <param name="inputs">[n x inputs], prepared like the training inputs; any n.</param>
    /// <param name="values">[n x targets], in original units.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed of.</exception>
    public void Predict(ReadOnlySpan<float> inputs, Span<float> values) => PredictRows(inputs, values, default);

    /// <summary>Predicts rows and says how uncertain the predictions are.</summary>
    /// <param name="inputs">[n x inputs], prepared like the training inputs; any n.</param>
    /// <param name="values">[n x targets], in original units.</param>
    /// <param name="uncertainties">[n x targets] standard deviations, in original units; see <see cref="PredictionHead"/>.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    /// <exception cref="InvalidOperationException">There is one network, whose head says values only.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed of.</exception>
    public void Predict(ReadOnlySpan<float> inputs, Span<double> values, Span<double> uncertainties)
    {
        PredictionPass.CheckUncertainties(KnowsUncertainty, values.Length, uncertainties.Length);
        PredictRows(inputs, values, uncertainties);
    }

    /// <summary>The same in single precision, rounded at the end.</summary>
    /// <param name="inputs">[n x inputs], prepared like the training inputs; any n.</param>
    /// <param name="values">[n x targets], in original units.</param>
    /// <param name="uncertainties">[n x targets] standard deviations, in original units.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    /// <exception cref="InvalidOperationException">There is one network, whose head says values only.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed of.</exception>
    public void Predict(ReadOnlySpan<float> inputs, Span<float> values, Span<float> uncertainties)
    {
        PredictionPass.CheckUncertainties(KnowsUncertainty, values.Length, uncertainties.Length);
        PredictRows(inputs, values, uncertainties);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Pool.Close();
            _networks.Release();
        }
    }

    private void PredictRows<T>(ReadOnlySpan<float> inputs, Span<T> values, Span<T> uncertainties)
        where T : struct, IFloatingPoint<T>
    {
        int rows = PredictionPass.CountRows(Shape, inputs.Length, values.Length);
        PredictionPool.Lease lease = Pool.Take();
        ObjectDisposedException.ThrowIf(lease.Pass is null, this);
        try
        {
            lease.Pass.Predict(rows, inputs, values, uncertainties);
        }
        finally
        {
            Pool.Return(lease);
        }
    }
}
