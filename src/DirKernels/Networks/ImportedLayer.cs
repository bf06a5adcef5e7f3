using System.Globalization;

namespace DirKernels.Networks;

/// <summary>The arrays of one layer of a network that was trained elsewhere: a linear one, or batch normalisation.</summary>
internal sealed record ImportedLayer(string Name)
{
    public const string Counter = "num_batches_tracked";

    private static readonly string[] _known = ["weight", "bias", "running_mean", "running_var", Counter];

    public NamedTensor? Weight { get; private set; }

    public NamedTensor? Bias { get; private set; }

    public NamedTensor? Mean { get; private set; }

    public NamedTensor? Variance { get; private set; }

    /// <summary>Whether it normalises.</summary>
    public bool IsNormalization => Mean is not null || Variance is not null;

    /// <summary>Groups tensors by the layer that their names say, in the order that is asked for.</summary>
    /// <exception cref="InvalidDataException">A tensor is of no layer, a layer is unknown, or one has no weights.</exception>
    public static List<ImportedLayer> Group(IEnumerable<NamedTensor> tensors, IReadOnlyList<string>? order)
    {
        var layers = new Dictionary<string, ImportedLayer>(StringComparer.Ordinal);
        foreach (NamedTensor tensor in tensors)
        {
            int dot = tensor.Name.LastIndexOf('.');
            string name = dot < 0 ? "" : tensor.Name[..dot], part = tensor.Name[(dot + 1)..];
            if (!_known.Contains(part, StringComparer.Ordinal))
            {
                throw new InvalidDataException($"{tensor} is neither of a linear layer nor of batch normalisation: {string.Join(", ", _known[..^1])} are known");
            }

            if (!layers.TryGetValue(name, out ImportedLayer? layer))
            {
                layers.Add(name, layer = new ImportedLayer(name));
            }

            layer.Take(part, tensor);
        }

        List<ImportedLayer> ordered = order is null ? [.. layers.Values.Order(Comparer<ImportedLayer>.Create((a, b) => Compare(a.Name, b.Name)))] : Ordered(layers, order);
        foreach (ImportedLayer layer in ordered)
        {
            layer.ThrowIfIncomplete();
        }

        return ordered.Count > 0 ? ordered : throw new InvalidDataException("there are no layers");
    }

    /// <summary>The number at the end of the name; null when there is none.</summary>
    public int? Number
    {
        get
        {
            string last = Name[(Name.LastIndexOf('.') + 1)..];
            return int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
        }
    }

    /// <summary>Throws unless a vector of the layer has as many elements as it needs; absent ones are fine.</summary>
    /// <exception cref="InvalidDataException">It has another shape; both are named.</exception>
    public static void ThrowIfNotVector(NamedTensor? vector, long length, NamedTensor because)
    {
        if (vector is not null && (vector.Shape.Count != 1 || vector.Shape[0] != length))
        {
            throw new InvalidDataException($"{vector} must be {SafeTensorsEntry.Describe([length])} to go with {because}");
        }
    }

    private void Take(string part, NamedTensor tensor)
    {
        switch (part)
        {
            case "weight":
                Weight = tensor;
                break;
            case "bias":
                Bias = tensor;
                break;
            case "running_mean":
                Mean = tensor;
                break;
            case "running_var":
                Variance = tensor;
                break;
        }

        if (part != Counter && Array.FindIndex(tensor.Values, value => !float.IsFinite((float)value)) is >= 0 and int broken)
        {
            throw new InvalidDataException(FormattableString.Invariant($"{tensor}: element {broken} is {tensor.Values[broken]}, which is no finite number of single precision"));
        }
    }

    private void ThrowIfIncomplete()
    {
        if (IsNormalization)
        {
            if (Mean is null || Variance is null)
            {
                throw new InvalidDataException($"batch normalisation '{Name}' has only one of running_mean and running_var");
            }

            ThrowIfNotVector(Mean, Mean.Values.Length, Mean);
            foreach (NamedTensor? vector in new[] { Variance, Weight, Bias })
            {
                ThrowIfNotVector(vector, Mean.Values.Length, Mean);
            }

            if (Array.FindIndex(Variance.Values, value => value < 0) is >= 0 and int negative)
            {
                throw new InvalidDataException(FormattableString.Invariant($"{Variance}: element {negative} is {Variance.Values[negative]}; variances are not negative"));
            }
        }
        else if (Weight is null)
        {
            throw new InvalidDataException($"layer '{Name}' has no weight");
        }
        else if (Weight.Shape.Count != 2 || Weight.Values.Length == 0)
        {
            throw new InvalidDataException($"{Weight} must have two dimensions, [outputs x inputs]");
        }
        else
        {
            ThrowIfNotVector(Bias, Weight.Shape[0], Weight);
        }
    }

    private static List<ImportedLayer> Ordered(Dictionary<string, ImportedLayer> layers, IReadOnlyList<string> order)
    {
        var ordered = new List<ImportedLayer>();
        foreach (string name in order)
        {
            ordered.Add(layers.Remove(name, out ImportedLayer? layer)
                ? layer
                : throw new InvalidDataException($"there is no layer '{name}', or it is named twice; left are {string.Join(", ", layers.Keys.Order(StringComparer.Ordinal))}"));
        }

        return layers.Count == 0 ? ordered : throw new InvalidDataException($"layers are left over: {string.Join(", ", layers.Keys.Order(StringComparer.Ordinal))}");
    }

    /// <summary>Natural order: runs of digits compare as numbers, everything else by code point.</summary>
    private static int Compare(string a, string b)
    {
        int i = 0, j = 0;
        while (i < a.Length && j < b.Length)
        {
            if (char.IsAsciiDigit(a[i]) && char.IsAsciiDigit(b[j]))
            {
                ReadOnlySpan<char> first = Digits(a, ref i), second = Digits(b, ref j);
                int order = first.Length != second.Length ? first.Length.CompareTo(second.Length) : first.SequenceCompareTo(second);
                if (order != 0)
                {
                    return order;
                }
            }
            else if (a[i] != b[j])
            {
                return a[i].CompareTo(b[j]);
            }
            else
            {
                i++;
                j++;
            }
        }

        return (a.Length - i).CompareTo(b.Length - j);
    }

    private static ReadOnlySpan<char> Digits(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return text.AsSpan(start, at - start).TrimStart('0');
    }
}
