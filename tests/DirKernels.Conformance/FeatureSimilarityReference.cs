namespace DirKernels.Conformance;

/// <summary>Similarity of feature rows by the textbook formulas.</summary>
public static class FeatureSimilarityReference
{
    public static double Cosine(float[] rows, int dimension, int a, int b)
    {
        double dot = 0, lengthA = 0, lengthB = 0;
        for (int d = 0; d < dimension; d++)
        {
            double x = rows[a * dimension + d], y = rows[b * dimension + d];
            dot += x * y;
            lengthA += x * x;
            lengthB += y * y;
        }

        return lengthA * lengthB == 0 ? 0 : dot / Math.Sqrt(lengthA * lengthB);
    }

    public static double MeanAbsoluteDistance(float[] first, float[] second) => first.Zip(second, (a, b) => Math.Abs((double)a - b)).Average();
}
