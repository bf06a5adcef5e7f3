namespace DirKernels.Conformance;

/// <summary>Heterogeneous Euclidean-overlap distances from the definition: numeric columns by their range over all rows, categories by equality.</summary>
public static class MixedDistanceReference
{
    /// <summary>The distance of two rows.</summary>
    /// <param name="inputs">[N x width] all rows, from which ranges are taken.</param>
    /// <param name="width">Columns.</param>
    /// <param name="groups">One-hot groups: first column and number of columns.</param>
    /// <param name="a">Inputs of one row.</param>
    /// <param name="b">Inputs of the other.</param>
    public static double Between(float[] inputs, int width, (int Start, int Count)[] groups, float[] a, float[] b)
    {
        double sum = 0;
        for (int d = 0; d < width; d++)
        {
            if (groups.Any(group => d >= group.Start && d < group.Start + group.Count))
            {
                continue;
            }

            double[] column = [.. Enumerable.Range(0, inputs.Length / width).Select(row => (double)inputs[row * width + d])];
            double range = column.Max() - column.Min();
            sum += range > 0 ? Math.Pow((a[d] - (double)b[d]) / range, 2) : 0;
        }

        foreach ((int start, int count) in groups)
        {
            int CategoryOf(float[] row) => Array.IndexOf(row, 1f, start, count);
            sum += CategoryOf(a) == CategoryOf(b) ? 0 : 1;
        }

        return Math.Sqrt(sum);
    }
}
