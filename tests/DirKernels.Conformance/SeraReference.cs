namespace DirKernels.Conformance;

/// <summary>SERA by its definition: the sum of squared errors above a relevance, integrated over small steps.</summary>
public static class SeraReference
{
    /// <summary>Sum of squared errors of the samples that are relevant enough.</summary>
    public static double SquaredErrorAbove(double[] predictions, double[] labels, double[] relevances, double threshold) =>
        Enumerable.Range(0, labels.Length).Where(i => relevances[i] >= threshold).Sum(i => Math.Pow(predictions[i] - labels[i], 2));

    /// <summary>Trapezoid rule over equal steps.</summary>
    public static double Area(double[] predictions, double[] labels, double[] relevances, int steps)
    {
        double area = 0;
        for (int k = 0; k < steps; k++)
        {
            area += 0.5 / steps * (SquaredErrorAbove(predictions, labels, relevances, (double)k / steps)
                + SquaredErrorAbove(predictions, labels, relevances, (k + 1.0) / steps));
        }

        return area;
    }

    /// <summary>Relevance between a median (0) and a whisker (1) with flat ends: the cubic <c>3 t^2 - 2 t^3</c>.</summary>
    public static double Flank(double label, double median, double whisker)
    {
        double t = (label - median) / (whisker - median);
        return t <= 0 ? 0 : t >= 1 ? 1 : 3 * t * t - 2 * t * t * t;
    }
}
