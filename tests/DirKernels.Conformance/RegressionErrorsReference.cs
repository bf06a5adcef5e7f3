namespace DirKernels.Conformance;

/// <summary>Metrics by their definitions, one plain sum each.</summary>
public static class RegressionErrorsReference
{
    public static double Mae(double[] predictions, double[] labels) => predictions.Zip(labels, (p, y) => Math.Abs(p - y)).Sum() / labels.Length;

    public static double Mse(double[] predictions, double[] labels) => predictions.Zip(labels, (p, y) => (p - y) * (p - y)).Sum() / labels.Length;

    public static double GeometricMean(double[] predictions, double[] labels)
    {
        double product = 1;
        for (int i = 0; i < labels.Length; i++)
        {
            double error = Math.Abs(predictions[i] - labels[i]);
            product *= Math.Pow(error < 1e-10 ? 1e-10 : error, 1.0 / labels.Length);
        }

        return product;
    }

    public static double Pearson(double[] x, double[] y)
    {
        double meanX = x.Sum() / x.Length, meanY = y.Sum() / y.Length, top = 0, left = 0, right = 0;
        for (int i = 0; i < x.Length; i++)
        {
            top += (x[i] - meanX) * (y[i] - meanY);
            left += Math.Pow(x[i] - meanX, 2);
            right += Math.Pow(y[i] - meanY, 2);
        }

        return top / Math.Sqrt(left) / Math.Sqrt(right);
    }

    /// <summary>Rank of a value: 1 + the number below + half the number of other equal ones.</summary>
    public static double[] Ranks(double[] values) =>
        [.. values.Select(v => 1 + values.Count(o => o < v) + (values.Count(o => o == v) - 1) / 2.0)];

    public static double RSquared(double[] predictions, double[] labels)
    {
        double mean = labels.Sum() / labels.Length;
        return 1 - Mse(predictions, labels) * labels.Length / labels.Sum(y => (y - mean) * (y - mean));
    }
}
