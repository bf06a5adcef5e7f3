using System.Numerics;

namespace DirKernels.Networks;

/// <summary>Prediction of any number of rows by the networks of a model: that of the one, or the mean of several.</summary>
/// <remarks>
/// Of K networks with values m_k and standard deviations d_k (0 of heads that say values only) the value is <c>m = sum m_k / K</c> and the variance, by the law
/// of total variance, <c>sum (d_k^2 + (m_k - m)^2) / K</c>; both in double precision, in the order of the networks. One call at a time; several passes over the
/// same networks may run at once.
/// </remarks>
internal sealed class EnsemblePass : IDisposable
{
    /// <summary>Rows that all networks predict before they are averaged.</summary>
    private const int ChunkRows = 1024;

    private readonly IReadOnlyList<ScaledNetwork> _networks;
    private readonly PredictionPass[] _passes;
    private readonly NetworkShape _shape;
    private readonly double[] _values;
    private readonly double[] _uncertainties;

    /// <summary>Allocates buffers.</summary>
    /// <param name="networks">At least one, of one shape.</param>
    public EnsemblePass(IReadOnlyList<ScaledNetwork> networks)
    {
        _networks = networks;
        _passes = [.. networks.Select(network => new PredictionPass(network.Network))];
        _shape = networks[0].Network.Shape;
        int outputs = networks.Count > 1 ? networks.Count * ChunkRows * _shape.Targets : 0;
        _values = new double[outputs];
        _uncertainties = new double[_shape.Head.IsValue ? 0 : outputs];
    }

    /// <summary>Predicts rows and says, when asked, how uncertain the predictions are.</summary>
    /// <param name="count">n.</param>
    /// <param name="inputs">[n x inputs].</param>
    /// <param name="values">[n x targets], in original units.</param>
    /// <param name="uncertainties">[n x targets], in original units; empty when nobody asks.</param>
    public void Predict<T>(int count, ReadOnlySpan<float> inputs, Span<T> values, Span<T> uncertainties)
        where T : struct, IFloatingPoint<T>
    {
        if (_passes.Length == 1)
        {
            _passes[0].Predict(_networks[0].Scaling, count, inputs, values, uncertainties);
            return;
        }

        int targets = _shape.Targets;
        for (int left = count; left > 0; left -= ChunkRows)
        {
            int rows = Math.Min(ChunkRows, left), outputs = rows * targets;
            ReadOnlySpan<float> chunk = inputs[..(rows * _shape.Inputs)];
            for (int k = 0; k < _passes.Length; k++)
            {
                Span<double> unsure = uncertainties.IsEmpty || _uncertainties.Length == 0 ? default : _uncertainties.AsSpan(k * outputs, outputs);
                _passes[k].Predict(_networks[k].Scaling, rows, chunk, _values.AsSpan(k * outputs, outputs), unsure);
            }

            Combine(outputs, values, uncertainties);
            inputs = inputs[chunk.Length..];
            values = values[outputs..];
            uncertainties = uncertainties.IsEmpty ? uncertainties : uncertainties[outputs..];
        }
    }

    /// <summary>Features of rows.</summary>
    /// <param name="count">n.</param>
    /// <param name="inputs">[n x inputs].</param>
    /// <param name="features">[n x D].</param>
    /// <exception cref="InvalidOperationException">There are several networks, each with features of its own.</exception>
    public void Encode(int count, ReadOnlySpan<float> inputs, Span<float> features)
    {
        if (_passes.Length > 1)
        {
            throw new InvalidOperationException($"each of the {_passes.Length} networks of this model has features of its own");
        }

        _passes[0].Encode(count, inputs, features);
    }

    public void Dispose()
    {
        foreach (PredictionPass pass in _passes)
        {
            pass.Dispose();
        }
    }

    private void Combine<T>(int outputs, Span<T> values, Span<T> uncertainties)
        where T : struct, IFloatingPoint<T>
    {
        int networks = _passes.Length;
        for (int i = 0; i < outputs; i++)
        {
            double sum = 0;
            for (int k = 0; k < networks; k++)
            {
                sum += _values[k * outputs + i];
            }

            double mean = sum / networks;
            values[i] = T.CreateTruncating(mean);
            if (uncertainties.IsEmpty)
            {
                continue;
            }

            double variance = 0;
            for (int k = 0; k < networks; k++)
            {
                double offset = _values[k * outputs + i] - mean, deviation = _uncertainties.Length == 0 ? 0 : _uncertainties[k * outputs + i];
                variance += (deviation * deviation + offset * offset) / networks;
            }

            uncertainties[i] = T.CreateTruncating(Math.Sqrt(variance));
        }
    }
}
