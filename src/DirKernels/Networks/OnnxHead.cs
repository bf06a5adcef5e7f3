namespace DirKernels.Networks;

/// <summary>Heads that say how uncertain they are as ONNX nodes: the formulas of <see cref="PredictionHead"/> on columns of locations and of logarithms of scales.</summary>
internal static class OnnxHead
{
    /// <summary>Adds the nodes.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="head">The head.</param>
    /// <param name="features">Name of the features [n x D].</param>
    /// <param name="entries">Where the head's parameters lie.</param>
    /// <param name="parameters">All parameters.</param>
    /// <returns>Names of value and uncertainty [n x 1], both of the standardised target.</returns>
    public static (string Value, string Uncertainty) Add(
        OnnxGraph graph, PredictionHead head, string features, ParameterLayout.LayerParameters entries, ReadOnlyMemory<float> parameters)
    {
        int members = head.Members;
        string Number(string role, float value) => graph.Constant($"head.{role}", new[] { value });
        string locations = Columns(graph, "location", 0, features, entries, parameters);
        string logScales = Columns(graph, "logScale", 1, features, entries, parameters);
        logScales = graph.Node("Clip", "head.logScale.kept", logScales, Scalar(graph, "lowest", -PredictionHead.LogScaleBound), Scalar(graph, "highest", PredictionHead.LogScaleBound));
        string variances = graph.Node("Exp", "head.scaleSquared", graph.Node("Mul", "head.logScale.twice", logScales, Number("two", 2)));
        if (head.Kind != PredictionHeadKind.Gaussian)
        {
            variances = graph.Node("Mul", "head.variance", variances, Number("laplace", 2));
        }

        if (members == 1)
        {
            return (locations, graph.Node("Sqrt", "head.deviation", variances));
        }

        string ones = graph.Constant("head.ones", Enumerable.Repeat(1f, members).ToArray(), members, 1);
        string weights = graph.Node("Softmax", "head.weights", graph.Node("Mul", "head.logPrecision", logScales, Number("minusTwo", -2)));
        string value = graph.Node("MatMul", "head.vote", graph.Node("Mul", "head.weighted", weights, locations), ones);
        string offsets = graph.Node("Sub", "head.offset", locations, value);
        string spread = graph.Node("Add", "head.spread", variances, graph.Node("Mul", "head.offsetSquared", offsets, offsets));
        string variance = graph.Node("MatMul", "head.voteVariance", graph.Node("Mul", "head.weightedSpread", weights, spread), ones);
        return (value, graph.Node("Sqrt", "head.deviation", variance));
    }

    /// <summary>Every other column of the head: locations are the even ones, logarithms of scales the odd ones.</summary>
    private static string Columns(
        OnnxGraph graph, string role, int first, string features, ParameterLayout.LayerParameters entries, ReadOnlyMemory<float> parameters)
    {
        int rows = entries.Weights.Rows, outputs = entries.Weights.Columns, members = outputs / 2;
        ReadOnlySpan<float> all = parameters.Span.Slice((int)entries.Weights.Offset, rows * outputs), bias = parameters.Span.Slice((int)entries.Bias.Offset, outputs);
        var weights = new float[rows * members];
        var offsets = new float[members];
        for (int k = 0; k < members; k++)
        {
            offsets[k] = bias[2 * k + first];
            for (int row = 0; row < rows; row++)
            {
                weights[row * members + k] = all[row * outputs + 2 * k + first];
            }
        }

        return graph.Node("Gemm", $"head.{role}", features, graph.Constant($"head.{role}.weight", weights, rows, members), graph.Constant($"head.{role}.bias", offsets, members));
    }

    // Bounds of Clip have no dimensions.
    private static string Scalar(OnnxGraph graph, string role, float value) => graph.Constant($"head.{role}", new[] { value });
}
