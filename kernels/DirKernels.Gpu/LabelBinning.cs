using ILGPU;

namespace DirKernels.Gpu;

/// <summary>The bin of a label on a device: the rule of equal widths, or a search among the edges. The same bins as <see cref="LabelBins.IndexOf"/>.</summary>
internal struct LabelBinning
{
    public ArrayView<double> Edges;
    public UniformBinRule Rule;
    public double Reciprocal;
    public int IsUniform;

    public readonly int Count => Rule.Count;

    public static LabelBinning Of(GpuRuntime gpu, LabelBins bins) => bins.UniformRule is { } rule
        ? new LabelBinning { Edges = gpu.Nothing<double>(), Rule = rule, Reciprocal = 1 / rule.Width, IsUniform = 1 }
        : new LabelBinning { Edges = gpu.Upload("label edges", bins.Edges), Rule = new UniformBinRule(0, 1, bins.Count) };

    /// <summary>The bin of a finite label.</summary>
    public readonly int IndexOf(double label)
    {
        if (IsUniform != 0)
        {
            // The product with the reciprocal and the quotient of the rule differ by less than 1e-15 of the position: only that near an edge does it divide.
            double position = (label - Rule.Lower) * Reciprocal + UniformBinRule.EdgeTolerance;
            double bin = Math.Floor(position), rest = position - bin, doubt = 1e-15 * (Math.Abs(position) + 1.0);
            if (rest < doubt || rest > 1.0 - doubt)
            {
                bin = Math.Floor((label - Rule.Lower) / Rule.Width + UniformBinRule.EdgeTolerance);
            }

            return bin < 1.0 ? 0 : bin > Rule.Count - 1 ? Rule.Count - 1 : (int)bin;
        }

        int low = 0, high = Rule.Count;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (Edges[middle] <= label)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
