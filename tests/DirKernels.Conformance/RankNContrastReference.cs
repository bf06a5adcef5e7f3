namespace DirKernels.Conformance;

/// <summary>Rank-N-Contrast by its definition: three nested loops, no sorting, no shift of the exponentials.</summary>
public static class RankNContrastReference
{
    public static double Loss(double[] features, double[] targets, double temperature)
    {
        int n = targets.Length, d = features.Length / n;
        double Likeness(int i, int j) => -Math.Sqrt(Enumerable.Range(0, d).Sum(k => Math.Pow(features[i * d + k] - features[j * d + k], 2))) / temperature;
        double sum = 0;
        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < n; k++)
            {
                if (k == i)
                {
                    continue;
                }

                double rivals = 0;
                for (int j = 0; j < n; j++)
                {
                    if (j != i && Math.Abs(targets[i] - targets[j]) >= Math.Abs(targets[i] - targets[k]))
                    {
                        rivals += Math.Exp(Likeness(i, j));
                    }
                }

                sum -= Math.Log(Math.Exp(Likeness(i, k)) / rivals);
            }
        }

        return sum / (n * (n - 1.0));
    }
}
