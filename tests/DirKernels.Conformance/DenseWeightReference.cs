namespace DirKernels.Conformance;

/// <summary>DenseWeight by the definition: the exact kernel density estimate at every label, O(N^2), in the units of the labels.</summary>
public static class DenseWeightReference
{
    /// <summary>Scaled density p' of every label; the bandwidth is in the units of the labels.</summary>
    public static double[] Density(double[] labels, double? bandwidth = null)
    {
        double mean = labels.Average(), variance = labels.Average(y => (y - mean) * (y - mean));
        double h = bandwidth ?? 1.06 * Math.Sqrt(variance) / Math.Pow(labels.Length, 0.2);
        var density = new double[labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            for (int j = 0; j < labels.Length; j++)
            {
                density[i] += Math.Exp(-Math.Pow((labels[i] - labels[j]) / h, 2) / 2);
            }
        }

        double smallest = density.Min(), largest = density.Max();
        return [.. density.Select(p => (p - smallest) / (largest - smallest))];
    }

    /// <summary>Weights of mean 1 from the scaled densities.</summary>
    public static double[] Weights(double[] density, double alpha, double epsilon)
    {
        double[] weights = [.. density.Select(p => 1 - alpha * p > epsilon ? 1 - alpha * p : epsilon)];
        double mean = weights.Average();
        return [.. weights.Select(w => w / mean)];
    }
}
