namespace DirKernels.Conformance;

/// <summary>Heads that say how uncertain they are, from the densities: likelihood of a batch, and what outputs amount to.</summary>
public static class LikelihoodReference
{
    /// <summary>The mean over rows of the weighted sum over members of -log density.</summary>
    /// <param name="gaussian">Normal densities instead of Laplace's.</param>
    /// <param name="outputs">[n x 2K].</param>
    /// <param name="targets">[n].</param>
    /// <param name="weight">Weight of (row, member).</param>
    public static double Loss(bool gaussian, double[] outputs, double[] targets, Func<int, int, double> weight)
    {
        int members = outputs.Length / targets.Length / 2;
        double sum = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            for (int k = 0; k < members; k++)
            {
                double m = outputs[(i * members + k) * 2], b = Math.Exp(Math.Min(5, Math.Max(-5, outputs[(i * members + k) * 2 + 1])));
                double density = gaussian
                    ? Math.Exp(-0.5 * Math.Pow((targets[i] - m) / b, 2)) / (b * Math.Sqrt(2 * Math.PI))
                    : Math.Exp(-Math.Abs(targets[i] - m) / b) / (2 * b);
                sum -= weight(i, k) * Math.Log(density);
            }
        }

        return sum / targets.Length;
    }

    /// <summary>Value and standard deviation of one row's outputs: the mixture of members weighted by 1/b^2.</summary>
    public static (double Value, double Deviation) Decode(bool gaussian, double[] outputs)
    {
        (double M, double B)[] members = [.. outputs.Chunk(2).Select(pair => (pair[0], Math.Exp(Math.Clamp(pair[1], -5, 5))))];
        double total = members.Sum(member => 1 / (member.B * member.B));
        double value = members.Sum(member => member.M / (member.B * member.B)) / total;
        double second = members.Sum(member => ((gaussian ? 1 : 2) * member.B * member.B + member.M * member.M) / (member.B * member.B)) / total;
        return (value, Math.Sqrt(second - value * value));
    }
}
