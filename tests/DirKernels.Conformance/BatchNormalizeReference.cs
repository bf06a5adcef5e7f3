namespace DirKernels.Conformance;

/// <summary>Batch normalisation of the columns of a matrix.</summary>
public sealed class BatchNormalizeReference
{
    public BatchNormalizeReference(double[] x, int width, double[] gain, double[] offset, double epsilon)
    {
        int rows = x.Length / width;
        Mean = new double[width];
        Variance = new double[width];
        InverseDeviation = new double[width];
        Y = new double[x.Length];
        for (int j = 0; j < width; j++)
        {
            double[] column = [.. Enumerable.Range(0, rows).Select(i => x[i * width + j])];
            Mean[j] = column.Sum() / rows;
            Variance[j] = column.Sum(v => (v - Mean[j]) * (v - Mean[j])) / rows;
            InverseDeviation[j] = 1 / Math.Sqrt(Variance[j] + epsilon);
            for (int i = 0; i < rows; i++)
            {
                Y[i * width + j] = gain[j] * (column[i] - Mean[j]) * InverseDeviation[j] + offset[j];
            }
        }
    }

    public double[] Mean { get; }

    /// <summary>Divisor n.</summary>
    public double[] Variance { get; }

    public double[] InverseDeviation { get; }

    public double[] Y { get; }
}
