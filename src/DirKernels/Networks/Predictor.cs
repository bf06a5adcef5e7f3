using System.Numerics;

namespace DirKernels.Networks;

/// <summary>An immutable copy of a model on the CPU that predicts from any number of threads at once: inputs in, values in original units out.</summary>
/// <remarks>
/// <para>
/// Thread-safe. The bits of a prediction are those of <see cref="RegressionModel"/> on this machine, whatever the number of threads and of rows. A batch of any
/// size goes through buffers for 1024 rows, <c>4 * 1024 * (inputs + widths of all layers + 2 outputs)</c> bytes; there are as many of them as calls were inside
/// at once, and of those that are not in use four for each processor are kept, at least 32. A call takes one by an atomic instruction
/// and allocates nothing, unless more calls than ever before are inside at once, or the thread is new.
/// </para>
/// <para><see cref="Dispose"/> lets calls that are inside finish.</para>
/// </remarks>
public sealed class Predictor : IDisposable
{
    private readonly SharedNetwork _network;
    private int _disposed;

    /// <summary>Copies a model; it may change or be disposed of afterwards.</summary>
    /// <param name="model">A model on any backend.</param>
    /// <param name="threads">Threads that share a large batch, the caller included; 0 means one for each processor. 1, the default, leaves all threads to the callers.</param>
    public Predictor(RegressionModel model, int threads = 1)
        : this(SharedNetwork.CopyOf(model, threads))
    {
    }

    internal Predictor(SharedNetwork network)
    {
        _network = network;
        Pool = new PredictionPool(network);
    }

    /// <summary>Sizes and functions of the network.</summary>
    public NetworkShape Shape => _network.Network.Shape;

    internal PredictionPool Pool { get; }

    /// <summary>Another predictor of the same network, which stays in memory once: with buffers and a lifetime of its own.</summary>
    /// <exception cref="ObjectDisposedException">This one is disposed of.</exception>
    public Predictor Share()
    {
        ObjectDisposedException.ThrowIf(Pool.IsClosed || !_network.TryUse(), this);
        return new Predictor(_network);
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
    /// <param name="values">[n], in original units.</param>
    /// <param name="uncertainties">[n] standard deviations, in original units; see <see cref="PredictionHead"/>.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    /// <exception cref="InvalidOperationException">The head says values only.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed of.</exception>
    public void Predict(ReadOnlySpan<float> inputs, Span<double> values, Span<double> uncertainties)
    {
        PredictionPass.CheckUncertainties(Shape, values.Length, uncertainties.Length);
        PredictRows(inputs, values, uncertainties);
    }

    /// <summary>The same in single precision, rounded at the end.</summary>
    /// <param name="inputs">[n x inputs], prepared like the training inputs; any n.</param>
    /// <param name="values">[n], in original units.</param>
    /// <param name="uncertainties">[n] standard deviations, in original units.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    /// <exception cref="InvalidOperationException">The head says values only.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed of.</exception>
    public void Predict(ReadOnlySpan<float> inputs, Span<float> values, Span<float> uncertainties)
    {
        PredictionPass.CheckUncertainties(Shape, values.Length, uncertainties.Length);
        PredictRows(inputs, values, uncertainties);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Pool.Close();
            _network.Release();
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
            lease.Pass.Predict(_network.Scaling, rows, inputs, values, uncertainties);
        }
        finally
        {
            Pool.Return(lease);
        }
    }
}
