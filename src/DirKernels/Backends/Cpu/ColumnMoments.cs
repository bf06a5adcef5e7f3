namespace DirKernels.Backends.Cpu;

/// <summary>Mean and biased variance of a few columns, two passes in double precision.</summary>
internal static unsafe class ColumnMoments
{
    /// <summary>Fills <paramref name="mean"/> and <paramref name="variance"/> of <paramref name="columns"/> columns.</summary>
    /// <param name="x">First element of the first column.</param>
    /// <param name="stride">Elements from row to row.</param>
    /// <param name="rows">Number of rows, at least 1.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="mean">[columns].</param>
    /// <param name="variance">[columns], divisor <paramref name="rows"/>.</param>
    public static void MeanAndVariance(float* x, int stride, int rows, int columns, double* mean, double* variance)
    {
        new Span<double>(mean, columns).Clear();
        new Span<double>(variance, columns).Clear();
        for (int i = 0; i < rows; i++)
        {
            float* row = x + (long)i * stride;
            for (int j = 0; j < columns; j++)
            {
                mean[j] += row[j];
            }
        }

        for (int j = 0; j < columns; j++)
        {
            mean[j] /= rows;
        }

        for (int i = 0; i < rows; i++)
        {
            float* row = x + (long)i * stride;
            for (int j = 0; j < columns; j++)
            {
                double difference = row[j] - mean[j];
                variance[j] += difference * difference;
            }
        }

        for (int j = 0; j < columns; j++)
        {
            variance[j] /= rows;
        }
    }
}
