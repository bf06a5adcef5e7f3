using DirKernels.Backends;

namespace DirKernels.Networks;

/// <summary>Writes a model as ONNX (opset 13, IR version 8), to predict with any runtime that reads it.</summary>
/// <remarks>
/// <para>
/// Input <c>inputs</c> [n x inputs] and output <c>values</c> [n x targets] are float32, n is free. The graph holds the scaling of the inputs when it is
/// given, the hidden layers (Gemm, batch normalisation with running statistics, activation), the head and the scaling of the targets, so that
/// values are in original units. Dropout has no part in prediction. Of a network whose head says how uncertain it is there is a second output,
/// <c>uncertainty</c> [n x 1], standard deviations in original units.
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
        Write(stream, snapshot.Shape, snapshot.Parameters, snapshot.NormalizationStatistics, snapshot.Scaling, scaling, properties);

    /// <summary>Writes a model on any backend.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="model">The model.</param>
    /// <param name="scaling">How raw inputs become those of the network; null when callers prepare them.</param>
    /// <param name="properties">Entries of the file's metadata.</param>
    /// <exception cref="ArgumentException">The scalings do not fit the network.</exception>
    /// <exception cref="InvalidDataException">A number is beyond single precision, or the file would be larger than 2 GiB.</exception>
    public static void Write(Stream stream, RegressionModel model, InputScaling? scaling = null, IReadOnlyDictionary<string, string>? properties = null)
    {
        RegressionNetwork network = model.Network;
        float[] parameters = network.Backend.Download(network.Parameters), statistics = network.Backend.Download(network.NormalizationStatistics);
        Write(stream, network.Shape, parameters, statistics, model.Scaling, scaling, properties);
    }

    private static void Write(
        Stream stream,
        NetworkShape shape,
        ReadOnlyMemory<float> parameters,
        ReadOnlyMemory<float> statistics,
        TargetScaling targets,
        InputScaling? inputs,
        IReadOnlyDictionary<string, string>? properties)
    {
        targets.ThrowIfNotOf(shape);
        inputs?.ThrowIfNotOf(shape);
        var layout = new ParameterLayout(shape);
        var graph = new OnnxGraph();
        string x = inputs is null ? InputName : Standardize(graph, inputs);
        for (int layer = 0; layer < shape.Hidden.Count; layer++)
        {
            string name = $"layers.{layer}";
            ParameterLayout.LayerParameters entries = layout.Layers[layer];
            x = Gemm(graph, name, x, entries, parameters);
            if (shape.BatchNormalization)
            {
                int width = shape.Hidden[layer];
                x = graph.Node(
                    "BatchNormalization",
                    ("epsilon", RegressionNetwork.NormalizationEpsilon),
                    $"{name}.normalized",
                    x,
                    Vector(graph, entries.Gain!, parameters),
                    Vector(graph, entries.Offset!, parameters),
                    graph.Constant($"{name}.mean", statistics[..width], width),
                    graph.Constant($"{name}.variance", statistics[width..(2 * width)], width));
                statistics = statistics[(2 * width)..];
            }

            x = Activate(graph, shape.Activation, name, x);
        }

        string scale = graph.Constant("target.scale", Narrow("scale", targets.Scale), shape.Targets);
        string mean = graph.Constant("target.mean", Narrow("mean", targets.Mean), shape.Targets);
        var outputs = new List<(string Name, int Columns)> { (OutputName, shape.Targets) };
        string value;
        if (shape.Head.IsValue)
        {
            value = Gemm(graph, "head", x, layout.Head, parameters);
        }
        else
        {
            (value, string uncertainty) = OnnxHead.Add(graph, shape.Head, x, layout.Head, parameters);
            graph.Node("Mul", UncertaintyName, uncertainty, scale);
            outputs.Add((UncertaintyName, 1));
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

    private static string Gemm(OnnxGraph graph, string name, string x, ParameterLayout.LayerParameters entries, ReadOnlyMemory<float> parameters)
    {
        ParameterEntry weights = entries.Weights;
        string matrix = graph.Constant(weights.Name, Of(weights, parameters), weights.Rows, weights.Columns);
        return graph.Node("Gemm", $"{name}.linear", x, matrix, Vector(graph, entries.Bias, parameters));
    }

    private static string Activate(OnnxGraph graph, Activation activation, string name, string x) => activation switch
    {
        Activation.Identity => x,
        Activation.Relu => graph.Node("Relu", $"{name}.activated", x),
        Activation.Tanh => graph.Node("Tanh", $"{name}.activated", x),
        Activation.Silu => graph.Node("Mul", $"{name}.activated", x, graph.Node("Sigmoid", $"{name}.sigmoid", x)),
        Activation.Gelu => Gelu(graph, name, x),
        _ => throw new ArgumentException($"the activation {activation} has no ONNX form"),
    };

    /// <summary>x Phi(x) by erf, as opset 13 has no operator for it; runtimes know this pattern.</summary>
    private static string Gelu(OnnxGraph graph, string name, string x)
    {
        string Number(string role, float value) => graph.Constant($"{name}.{role}", new[] { value });
        string erf = graph.Node("Erf", $"{name}.erf", graph.Node("Div", $"{name}.quotient", x, Number("rootOfTwo", MathF.Sqrt(2))));
        string sum = graph.Node("Add", $"{name}.sum", erf, Number("one", 1));
        return graph.Node("Mul", $"{name}.activated", graph.Node("Mul", $"{name}.product", x, sum), Number("half", 0.5f));
    }

    private static string Vector(OnnxGraph graph, ParameterEntry entry, ReadOnlyMemory<float> parameters) =>
        graph.Constant(entry.Name, Of(entry, parameters), entry.Columns);

    private static ReadOnlyMemory<float> Of(ParameterEntry entry, ReadOnlyMemory<float> parameters) =>
        parameters.Slice(checked((int)entry.Offset), checked((int)entry.Length));

    private static float[] Narrow(string what, double[] values)
    {
        int broken = Array.FindIndex(values, value => !float.IsFinite((float)value) || (value != 0 && !float.IsNormal((float)value)));
        return broken < 0
            ? Array.ConvertAll(values, value => (float)value)
            : throw new InvalidDataException(FormattableString.Invariant($"target {broken + 1} has {what} {values[broken]:G6}, beyond what single precision holds"));
    }
}
