namespace DirKernels.Networks;

/// <summary>Where each array of parameters lies in the one flat buffer that the optimiser walks over.</summary>
/// <remarks>Every array starts at a multiple of 16 elements, a cache line; the gaps hold zeros and stay zero.</remarks>
public sealed class ParameterLayout
{
    private const int Alignment = 16;

    /// <summary>Lays out the parameters of a network.</summary>
    public ParameterLayout(NetworkShape shape)
    {
        var entries = new List<ParameterEntry>();
        long at = 0;
        ParameterEntry Place(string name, int rows, int columns)
        {
            var entry = new ParameterEntry(name, at, rows, columns);
            entries.Add(entry);
            at += (entry.Length + Alignment - 1) / Alignment * Alignment;
            return entry;
        }

        Layers = new LayerParameters[shape.Hidden.Count];
        for (int layer = 0; layer < Layers.Length; layer++)
        {
            string prefix = $"layers.{layer}.";
            int inputs = shape.LayerInputs(layer), outputs = shape.Hidden[layer];
            ParameterEntry weights = Place(prefix + "weight", inputs, outputs), bias = Place(prefix + "bias", 1, outputs);
            ParameterEntry? gain = shape.BatchNormalization ? Place(prefix + "gain", 1, outputs) : null;
            ParameterEntry? offset = shape.BatchNormalization ? Place(prefix + "offset", 1, outputs) : null;
            Layers[layer] = new LayerParameters(weights, bias, gain, offset);
        }

        HeadStart = at;
        Head = new LayerParameters(Place("head.weight", shape.FeatureDimensions, shape.Outputs), Place("head.bias", 1, shape.Outputs), null, null);
        Length = at;
        Entries = entries;
    }

    /// <summary>Elements of the flat buffer.</summary>
    public long Length { get; }

    /// <summary>First element of the head; everything before belongs to the encoder.</summary>
    public long HeadStart { get; }

    /// <summary>All arrays in order.</summary>
    public IReadOnlyList<ParameterEntry> Entries { get; }

    internal LayerParameters[] Layers { get; }

    internal LayerParameters Head { get; }

    /// <summary>The arrays of one layer; gain and offset only with batch normalisation.</summary>
    internal sealed record LayerParameters(ParameterEntry Weights, ParameterEntry Bias, ParameterEntry? Gain, ParameterEntry? Offset);
}
