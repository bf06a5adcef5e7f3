namespace DirKernels.Networks;

/// <summary>Makes a network of arrays that were trained elsewhere: a chain of linear layers in PyTorch's layout, with batch normalisation between them.</summary>
/// <remarks>
/// <para>
/// <c>L.weight</c> [outputs x inputs] and <c>L.bias</c> [outputs] (none: 0) make a linear layer; the last one is the head. <c>L.running_mean</c>,
/// <c>L.running_var</c> and <c>L.weight</c>, <c>L.bias</c> (none: 1 and 0), each [width], make batch normalisation, which for prediction is the affine map
/// <c>g (x - mean) / sqrt(var + eps) + o</c>: it is multiplied into the linear layer before it, or, behind an activation, into the one after it. The
/// network that results has none.
/// </para>
/// <para>Accuracy: products of normalisation and weights are made in double precision and rounded once to single.</para>
/// </remarks>
public static class NetworkImport
{
    private const int WidestLayer = 65536;

    /// <summary>Shape and parameters of the network.</summary>
    /// <param name="tensors">The arrays, in any order, names different.</param>
    /// <param name="options">What they do not say.</param>
    /// <returns>The shape, and parameters laid out by <see cref="ParameterLayout"/>.</returns>
    /// <exception cref="InvalidDataException">They make no such network; the message names the array and both shapes.</exception>
    public static (NetworkShape Shape, float[] Parameters) Create(IEnumerable<NamedTensor> tensors, NetworkImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(options);
        List<ImportedLayer> layers = ImportedLayer.Group(tensors, options.Layers);
        var chain = new List<AffineLayer>();
        (ImportedLayer Layer, double[] Gain, double[] Offset)? pending = null;
        ImportedLayer? previous = null;
        foreach (ImportedLayer layer in layers)
        {
            if (!layer.IsNormalization)
            {
                var affine = new AffineLayer(layer);
                affine.ThrowIfNotBehind(chain.LastOrDefault());
                if (pending is { } normalization)
                {
                    affine.ScaleInputs(normalization.Layer, normalization.Gain, normalization.Offset);
                    pending = null;
                }

                chain.Add(affine);
            }
            else
            {
                (double[] gain, double[] offset) = MapOf(layer, options.NormalizationEpsilon);
                AffineLayer before = chain.LastOrDefault() ?? throw new InvalidDataException($"batch normalisation '{layer.Name}' stands before the first linear layer");
                ImportedLayer.ThrowIfNotVector(layer.Mean, before.Outputs, before.Layer.Weight!);
                if (previous!.IsNormalization)
                {
                    throw new InvalidDataException($"batch normalisation '{layer.Name}' stands behind '{previous.Name}', which is one already");
                }

                if (PlaceOf(layer, previous, options.Normalization) == NormalizationPlace.BeforeActivation)
                {
                    before.ScaleOutputs(gain, offset);
                }
                else
                {
                    pending = (layer, gain, offset);
                }
            }

            previous = layer;
        }

        if (layers[^1].IsNormalization)
        {
            throw new InvalidDataException($"batch normalisation '{layers[^1].Name}' stands behind the last linear layer, the head");
        }

        return Assemble(chain, options.Activation);
    }

    private static NormalizationPlace PlaceOf(ImportedLayer layer, ImportedLayer previous, NormalizationPlace? said) =>
        said ?? (layer.Number - previous.Number == 1
            ? NormalizationPlace.BeforeActivation
            : throw new InvalidDataException($"whether batch normalisation '{layer.Name}' stands before or after the activation behind '{previous.Name}' must be said"));

    private static (double[] Gain, double[] Offset) MapOf(ImportedLayer layer, double epsilon)
    {
        double[] mean = layer.Mean!.Values, variance = layer.Variance!.Values;
        double[] gain = new double[mean.Length], offset = new double[mean.Length];
        for (int i = 0; i < mean.Length; i++)
        {
            gain[i] = (layer.Weight?.Values[i] ?? 1) / Math.Sqrt(variance[i] + epsilon);
            offset[i] = (layer.Bias?.Values[i] ?? 0) - mean[i] * gain[i];
        }

        return (gain, offset);
    }

    private static (NetworkShape Shape, float[] Parameters) Assemble(List<AffineLayer> chain, Activation activation)
    {
        foreach (AffineLayer layer in chain)
        {
            if (layer.Inputs > WidestLayer || layer.Outputs > WidestLayer)
            {
                throw new InvalidDataException($"{layer.Layer.Weight} is wider than {WidestLayer}");
            }
        }

        var shape = new NetworkShape
        {
            Inputs = chain[0].Inputs,
            Hidden = [.. chain.SkipLast(1).Select(layer => layer.Outputs)],
            Targets = chain[^1].Outputs,
            Activation = activation,
        };
        var layout = new ParameterLayout(shape);
        var parameters = new float[layout.Length];
        for (int i = 0; i < chain.Count; i++)
        {
            ParameterLayout.LayerParameters entries = i < layout.Layers.Length ? layout.Layers[i] : layout.Head;
            chain[i].CopyTo(parameters.AsSpan((int)entries.Weights.Offset, (int)entries.Weights.Length), parameters.AsSpan((int)entries.Bias.Offset, (int)entries.Bias.Length));
        }

        return (shape, parameters);
    }
}
