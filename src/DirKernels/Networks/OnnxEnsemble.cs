namespace DirKernels.Networks;

/// <summary>The networks of an ensemble as ONNX nodes, side by side, and their mean: the formulas of <see cref="RegressionModel"/>.</summary>
internal static class OnnxEnsemble
{
    /// <summary>Adds the nodes.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="shape">Sizes and functions of each network.</param>
    /// <param name="networks">Their numbers.</param>
    /// <param name="inputs">Name of the standardised inputs [n x inputs].</param>
    /// <returns>Names of value and uncertainty [n x targets], both of the target as the first network standardises it.</returns>
    public static (string Value, string? Uncertainty) Add(OnnxGraph graph, NetworkShape shape, IReadOnlyList<NetworkSnapshot> networks, string inputs)
    {
        var members = new List<(string Value, string? Uncertainty)>();
        for (int k = 0; k < networks.Count; k++)
        {
            graph.Prefix = $"networks.{k}.";
            (string value, string? uncertainty) = OnnxNetwork.Add(graph, shape, networks[k], inputs);
            members.Add(Rescale(graph, networks[k].Scaling, networks[0].Scaling, value, uncertainty));
        }

        graph.Prefix = "ensemble.";
        string mean = graph.Node("Mean", "value", [.. members.Select(member => member.Value)]);
        string variance = graph.Node("Mean", "variance", [.. members.Select((member, k) => Spread(graph, k, member, mean))]);
        string deviation = graph.Node("Sqrt", "deviation", variance);
        graph.Prefix = "";
        return (mean, deviation);
    }

    /// <summary>Networks that were trained on resampled rows have scalings of their own: differences between means stay exact, wherever they lie.</summary>
    private static (string Value, string? Uncertainty) Rescale(OnnxGraph graph, TargetScaling own, TargetScaling first, string value, string? uncertainty)
    {
        int targets = own.Mean.Length;
        double[] factor = [.. own.Scale.Select((scale, t) => scale / first.Scale[t])], shift = [.. own.Mean.Select((mean, t) => (mean - first.Mean[t]) / first.Scale[t])];
        if (Array.TrueForAll(factor, f => f == 1) && Array.TrueForAll(shift, s => s == 0))
        {
            return (value, uncertainty);
        }

        string scale = graph.Constant("target.relativeScale", OnnxExport.Narrow("relative scale", factor), targets);
        string offset = graph.Constant("target.relativeMean", Array.ConvertAll(shift, s => (float)s), targets);
        return (
            graph.Node("Add", "head.shifted", graph.Node("Mul", "head.rescaled", value, scale), offset),
            uncertainty is null ? null : graph.Node("Mul", "head.rescaledDeviation", uncertainty, scale));
    }

    private static string Spread(OnnxGraph graph, int k, (string Value, string? Uncertainty) member, string mean)
    {
        string offset = graph.Node("Sub", $"offset.{k}", member.Value, mean);
        string square = graph.Node("Mul", $"offsetSquared.{k}", offset, offset);
        return member.Uncertainty is { } deviation
            ? graph.Node("Add", $"spread.{k}", square, graph.Node("Mul", $"ownVariance.{k}", deviation, deviation))
            : square;
    }
}
