namespace DirKernels.Conformance;

/// <summary>RankSim of rows with different labels by its definition: ranks by counting, the estimator of their derivative, and the chain through cosines.</summary>
public sealed class RankSimReference
{
    public RankSimReference(double[] features, double[] targets, double gamma, double lambda)
    {
        int m = targets.Length, d = features.Length / m;
        double[] norms = [.. Enumerable.Range(0, m).Select(i => Math.Sqrt(features.Skip(i * d).Take(d).Sum(x => x * x)))];
        var similarities = new double[m, m];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < m; j++)
            {
                similarities[i, j] = Enumerable.Range(0, d).Sum(k => features[i * d + k] * features[j * d + k]) / (norms[i] * norms[j]);
            }
        }

        var slopes = new double[m, m];
        for (int i = 0; i < m; i++)
        {
            double[] row = [.. Enumerable.Range(0, m).Select(j => similarities[i, j])];
            double[] wanted = Ranks([.. targets.Select(y => -Math.Abs(targets[i] - y))], targets), ranks = Ranks(row, targets);
            Value += gamma * ranks.Zip(wanted, (r, w) => (r - w) * (r - w)).Sum() / m;
            double[] moved = Ranks([.. row.Select((s, j) => s + lambda * 2 * gamma * (ranks[j] - wanted[j]) / m)], targets);
            for (int j = 0; j < m; j++)
            {
                slopes[i, j] = -(ranks[j] - moved[j]) / lambda;
            }
        }

        // d cos(a, b)/da = b/(|a||b|) - cos a/|a|^2.
        Gradient = new double[features.Length];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < m; j++)
            {
                for (int k = 0; k < d; k++)
                {
                    double a = features[i * d + k], b = features[j * d + k], cosine = similarities[i, j];
                    Gradient[i * d + k] += slopes[i, j] * (b / (norms[i] * norms[j]) - cosine * a / (norms[i] * norms[i]));
                    Gradient[j * d + k] += slopes[i, j] * (a / (norms[i] * norms[j]) - cosine * b / (norms[j] * norms[j]));
                }
            }
        }
    }

    public double Value { get; }

    public double[] Gradient { get; }

    // The largest has rank 1/m; of equal ones the lower label comes first.
    private static double[] Ranks(double[] numbers, double[] targets) =>
        [.. numbers.Select((x, i) => (1.0 + numbers.Where((y, j) => y > x || (y == x && targets[j] < targets[i])).Count()) / numbers.Length)];
}
