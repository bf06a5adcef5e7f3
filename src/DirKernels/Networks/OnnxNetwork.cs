namespace DirKernels.Networks;

/// <summary>One network as ONNX nodes: hidden layers and head.</summary>
internal static class OnnxNetwork
{
    /// <summary>Adds the nodes.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="shape">Sizes and functions.</param>
    /// <param name="network">The numbers.</param>
    /// <param name="x">Name of the standardised inputs [n x inputs].</param>
    /// <returns>Names of the value [n x targets] and of the uncertainty [n x 1], null of heads that know none, both of the standardised target.</returns>
    public static (string Value, string? Uncertainty) Add(OnnxGraph graph, NetworkShape shape, NetworkSnapshot network, string x)
    {
        var layout = new ParameterLayout(shape);
        ReadOnlyMemory<float> parameters = network.Parameters, statistics = network.NormalizationStatistics;
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

        return shape.Head.IsValue
            ? (Gemm(graph, "head", x, layout.Head, parameters), null)
            : OnnxHead.Add(graph, shape.Head, x, layout.Head, parameters);
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
}
