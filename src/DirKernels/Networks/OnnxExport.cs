namespace DirKernels.Networks;

/// <summary>Writes a model as ONNX (opset 13, IR version 8), to predict with any runtime that reads it.</summary>
/// <remarks>
/// <para>
/// Input <c>inputs</c> [n x inputs] and output <c>values</c> [n x targets] are float32, n is free. The graph holds the scaling of the inputs when it is
/// given, the hidden layers (Gemm, batch normalisation with running statistics, activation), the head and the scaling of the targets, so that
/// values are in original units. Dropout has no part in prediction. An ensemble is all its networks and their mean. Of an ensemble, and of a network whose
/// head says how uncertain it is, there is a second output, <c>uncertainty</c> [n x targets], standard deviations in original units.
/// </para>
/// <para>
/// Accuracy: the values are those of <see cref="Predictor"/> up to the rounding of float32, in which a runtime computes also the scalings. Means of inputs
/// are subtracted in two parts, so that a column far from 0 loses nothing but the rounding of the raw input.
/// </para>
/// <para>Source: the ONNX operator and IR specifications, https://onnx.ai/onnx/repo-docs/IR.html.</para>
/// </remarks>
public static class OnnxExport
{
    private const string InputName = "inputs";
    private const string OutputName = "values";
    private const string UncertaintyName = "uncertainty";

    /// <summary>Writes a snapshot.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="snapshot">The model.</param>
    /// <param name="scaling">How raw inputs become those of the network; null when callers prepare them.</param>
    /// <param name="properties">Entries of the file's metadata.</param>
    /// <exception cref="ArgumentException">The scalings do not fit the network.</exception>
    /// <exception cref="InvalidDataException">A number is beyond single precision, or the file would be larger than 2 GiB.</exception>
    public static void Write(Stream stream, ModelSnapshot snapshot, InputScaling? scaling = null, IReadOnlyDictionary<string, string>? properties = null) =>
        Write(stream, snapshot.Shape, snapshot.Networks, scaling, properties);

    /// <summary>Writes a model on any backend.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="model">The model.</param>
    /// <param name="scaling">How raw inputs become those of the network; null when callers prepare them.</param>
    /// <param name="properties">Entries of the file's metadata.</param>
    /// <exception cref="ArgumentException">The scalings do not fit the network.</exception>
    /// <exception cref="InvalidDataException">A number is beyond single precision, or the file would be larger than 2 GiB.</exception>
    public static void Write(Stream stream, RegressionModel model, InputScaling? scaling = null, IReadOnlyDictionary<string, string>? properties = null) =>
        Write(stream, model.Network.Shape, [.. model.Networks.Select(network => network.Download())], scaling, properties);

    private static void Write(
        Stream stream, NetworkShape shape, IReadOnlyList<NetworkSnapshot> networks, InputScaling? inputs, IReadOnlyDictionary<string, string>? properties)
    {
        inputs?.ThrowIfNotOf(shape);
        foreach (NetworkSnapshot network in networks)
        {
            network.Scaling.ThrowIfNotOf(shape);
        }

        var graph = new OnnxGraph();
        string x = inputs is null ? InputName : Standardize(graph, inputs);
        TargetScaling targets = networks[0].Scaling;
        string scale = graph.Constant("target.scale", Narrow("scale", targets.Scale), shape.Targets);
        string mean = graph.Constant("target.mean", Narrow("mean", targets.Mean), shape.Targets);
        (string value, string? uncertainty) = networks.Count == 1
            ? OnnxNetwork.Add(graph, shape, networks[0], x)
            : OnnxEnsemble.Add(graph, shape, networks, x);
        var outputs = new List<(string Name, int Columns)> { (OutputName, shape.Targets) };
        if (uncertainty is not null)
        {
            graph.Node("Mul", UncertaintyName, uncertainty, scale);
            outputs.Add((UncertaintyName, shape.Targets));
        }

        graph.Node("Add", OutputName, graph.Node("Mul", "head.scaled", value, scale), mean);
        graph.Write(stream, (InputName, shape.Inputs), outputs, properties ?? new Dictionary<string, string>());
    }

    private static string Standardize(OnnxGraph graph, InputScaling scaling)
    {
        int columns = scaling.Mean.Length;
        string x = InputName;
        if (scaling.Missing is { } missing)
        {
            string replacement = graph.Constant("input.missing", Array.ConvertAll(missing, value => (float)value), columns);
            x = graph.Node("Where", "input.present", graph.Node("IsNaN", "input.absent", x), replacement, x);
        }

        float[] mean = Array.ConvertAll(scaling.Mean, value => (float)value);
        float[] rest = [.. scaling.Mean.Select((value, i) => (float)(value - mean[i]))];
        x = graph.Node("Sub", "input.nearlyCentred", x, graph.Constant("input.mean", mean, columns));
        x = graph.Node("Sub", "input.centred", x, graph.Constant("input.restOfMean", rest, columns));
        return graph.Node("Div", "input.standardized", x, graph.Constant("input.scale", Array.ConvertAll(scaling.Scale, value => (float)value), columns));
    }

    /// <summary>Numbers of each target in single precision.</summary>
    /// <exception cref="InvalidDataException">It does not hold one.</exception>
    internal static float[] Narrow(string what, double[] values)
    {
        int broken = Array.FindIndex(values, value => !float.IsFinite((float)value) || (value != 0 && !float.IsNormal((float)value)));
        return broken < 0
            ? Array.ConvertAll(values, value => (float)value)
            : throw new InvalidDataException(FormattableString.Invariant($"target {broken + 1} has {what} {values[broken]:G6}, beyond what single precision holds"));
    }
}
