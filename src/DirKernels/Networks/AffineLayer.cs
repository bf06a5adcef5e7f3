namespace DirKernels.Networks;

/// <summary>A linear layer that is being imported, <c>y = W x + b</c> with W [outputs x inputs] in double precision.</summary>
internal sealed class AffineLayer
{
    private readonly double[] _weights;
    private readonly double[] _bias;

    /// <summary>Copies the arrays of a layer, whose shapes are checked.</summary>
    public AffineLayer(ImportedLayer layer)
    {
        Layer = layer;
        Outputs = checked((int)layer.Weight!.Shape[0]);
        Inputs = checked((int)layer.Weight.Shape[1]);
        _weights = [.. layer.Weight.Values];
        _bias = layer.Bias is { } bias ? [.. bias.Values] : new double[Outputs];
    }

    public ImportedLayer Layer { get; }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>Throws unless the layer takes what the one before gives.</summary>
    /// <exception cref="InvalidDataException">It takes another number of inputs; both shapes are named.</exception>
    public void ThrowIfNotBehind(AffineLayer? before)
    {
        if (before is not null && before.Outputs != Inputs)
        {
            throw new InvalidDataException($"{Layer.Weight} takes {Inputs} inputs, but {before.Layer.Weight} before it has {before.Outputs} outputs");
        }
    }

    /// <summary><c>y = gain (W x + b) + offset</c>.</summary>
    public void ScaleOutputs(double[] gain, double[] offset)
    {
        for (int row = 0; row < Outputs; row++)
        {
            for (int column = 0; column < Inputs; column++)
            {
                _weights[row * Inputs + column] *= gain[row];
            }

            _bias[row] = _bias[row] * gain[row] + offset[row];
        }
    }

    /// <summary><c>y = W (gain x + offset) + b</c>.</summary>
    /// <exception cref="InvalidDataException">The layer takes another number of inputs; both shapes are named.</exception>
    public void ScaleInputs(ImportedLayer normalization, double[] gain, double[] offset)
    {
        ImportedLayer.ThrowIfNotVector(normalization.Mean, Inputs, Layer.Weight!);
        for (int row = 0; row < Outputs; row++)
        {
            for (int column = 0; column < Inputs; column++)
            {
                _bias[row] += _weights[row * Inputs + column] * offset[column];
                _weights[row * Inputs + column] *= gain[column];
            }
        }
    }

    /// <summary>Writes the layer as networks here have it: weights [inputs x outputs].</summary>
    /// <exception cref="InvalidDataException">A number is beyond single precision.</exception>
    public void CopyTo(Span<float> weights, Span<float> bias)
    {
        for (int row = 0; row < Outputs; row++)
        {
            for (int column = 0; column < Inputs; column++)
            {
                weights[column * Outputs + row] = Narrow(_weights[row * Inputs + column]);
            }

            bias[row] = Narrow(_bias[row]);
        }
    }

    private float Narrow(double value) => float.IsFinite((float)value)
        ? (float)value
        : throw new InvalidDataException($"layer '{Layer.Name}' with the batch normalisation beside it has numbers beyond single precision");
}
