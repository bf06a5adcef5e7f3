namespace DirKernels.Networks;

/// <summary>An ONNX graph in the making: one value flows from its input through nodes to its output. Field numbers are those of onnx.proto, IR version 8.</summary>
internal sealed class OnnxGraph
{
    private const int IrVersion = 8;
    private const int OpsetVersion = 13;
    private const int Float32 = 1;
    private const int FloatAttribute = 1;

    // Readers of protocol buffers refuse more than 2 GiB.
    private const long LargestBytes = int.MaxValue;

    private readonly List<ProtobufMessage> _nodes = [];
    private readonly List<ProtobufMessage> _constants = [];

    /// <summary>What the names of constants and nodes that are added begin with.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Adds a constant and gives its name.</summary>
    public string Constant(string name, ReadOnlyMemory<float> values, params ReadOnlySpan<long> dimensions)
    {
        name = Prefix + name;
        var tensor = new ProtobufMessage();
        foreach (long dimension in dimensions)
        {
            tensor.Add(1, dimension);
        }

        _constants.Add(tensor.Add(2, Float32).Add(8, name).Add(9, values));
        return name;
    }

    /// <summary>Adds a node and gives the name of its output.</summary>
    public string Node(string operation, string output, params ReadOnlySpan<string> inputs)
    {
        output = Prefix + output;
        _nodes.Add(Named(operation, output, inputs));
        return output;
    }

    /// <summary>Adds a node with one attribute, a number, and gives the name of its output.</summary>
    public string Node(string operation, (string Name, float Value) attribute, string output, params ReadOnlySpan<string> inputs)
    {
        output = Prefix + output;
        _nodes.Add(Named(operation, output, inputs).Add(5, new ProtobufMessage().Add(1, attribute.Name).Add(2, attribute.Value).Add(20, FloatAttribute)));
        return output;
    }

    /// <summary>Writes a model of the graph.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="input">Name and columns of the input [n x columns].</param>
    /// <param name="outputs">Names and columns of the outputs [n x columns].</param>
    /// <param name="properties">Entries of the model's metadata.</param>
    /// <exception cref="InvalidDataException">The model would be larger than an ONNX file may be.</exception>
    public void Write(Stream stream, (string Name, int Columns) input, IReadOnlyList<(string Name, int Columns)> outputs, IEnumerable<KeyValuePair<string, string>> properties)
    {
        var graph = new ProtobufMessage();
        _nodes.ForEach(node => graph.Add(1, node));
        graph.Add(2, "regression");
        _constants.ForEach(constant => graph.Add(5, constant));
        graph.Add(11, Value(input.Name, input.Columns));
        foreach ((string name, int columns) in outputs)
        {
            graph.Add(12, Value(name, columns));
        }

        ProtobufMessage model = new ProtobufMessage()
            .Add(1, IrVersion)
            .Add(2, "DirKernels")
            .Add(3, typeof(OnnxGraph).Assembly.GetName().Version?.ToString(3) ?? "")
            .Add(7, graph)
            .Add(8, new ProtobufMessage().Add(1, "").Add(2, OpsetVersion));
        foreach ((string key, string value) in properties)
        {
            model.Add(14, new ProtobufMessage().Add(1, key).Add(2, value));
        }

        if (model.Length > LargestBytes)
        {
            throw new InvalidDataException($"the model would have {model.Length} bytes as ONNX, whose files have at most {LargestBytes}");
        }

        model.Write(stream);
    }

    private static ProtobufMessage Named(string operation, string output, ReadOnlySpan<string> inputs)
    {
        var node = new ProtobufMessage();
        foreach (string input in inputs)
        {
            node.Add(1, input);
        }

        return node.Add(2, output).Add(3, output).Add(4, operation);
    }

    private static ProtobufMessage Value(string name, int columns)
    {
        ProtobufMessage shape = new ProtobufMessage()
            .Add(1, new ProtobufMessage().Add(2, "n"))
            .Add(1, new ProtobufMessage().Add(1, columns));
        ProtobufMessage tensor = new ProtobufMessage().Add(1, Float32).Add(2, shape);
        return new ProtobufMessage().Add(1, name).Add(2, new ProtobufMessage().Add(1, tensor));
    }
}
