using DirKernels.Backends;

namespace DirKernels.Conformance;

/// <summary>Running and smoothed statistics of all bins with positive definite covariances, and what is asked of their maps.</summary>
public sealed class MapProblem
{
    public MapProblem(BinShape shape, int seed)
    {
        Shape = shape;
        RunningMeans = SampleNumbers.Normal(seed, shape.Bins * shape.Dimensions);
        SmoothedMeans = SampleNumbers.Normal(seed + 1, shape.Bins * shape.Dimensions);
        Running = Covariances(seed + 2);
        Smoothed = Covariances(seed + 3);
        Treatment = new MapTreatment[shape.Bins];
        Options = new MapOptions(0.1f, 10f, 1, false, 0, false, Enumerable.Repeat(100L, shape.Bins).ToArray(), Treatment);
    }

    public BinShape Shape { get; }

    public float[] RunningMeans { get; }

    public float[] Running { get; }

    public float[] SmoothedMeans { get; }

    public float[] Smoothed { get; }

    public MapTreatment[] Treatment { get; }

    public MapOptions Options { get; }

    public SolveMapsReference Expected(MapOptions options, int bin) => new(
        options,
        Shape,
        bin,
        RunningMeans.AsSpan(bin * Shape.Dimensions, Shape.Dimensions),
        Running.AsSpan(bin * Shape.CovarianceWidth, Shape.CovarianceWidth),
        SmoothedMeans.AsSpan(bin * Shape.Dimensions, Shape.Dimensions),
        Smoothed.AsSpan(bin * Shape.CovarianceWidth, Shape.CovarianceWidth));

    /// <summary>Lower triangle of one block.</summary>
    public double[,] Block(float[] covariances, int bin, int start, int size)
    {
        var block = new double[size, size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                block[i, j] = covariances[At(bin, start + i, start + j)];
            }
        }

        return block;
    }

    /// <summary>Takes the variance, and all covariances, of a dimension out of the running statistics.</summary>
    public void Kill(int bin, int dimension)
    {
        for (int other = 0; other < Shape.Dimensions; other++)
        {
            (int low, int high) = (Math.Min(other, dimension), Math.Max(other, dimension));
            if (low / Shape.BlockSize == high / Shape.BlockSize)
            {
                Running[At(bin, high, low)] = 0;
            }
        }
    }

    /// <summary>Makes dimension 1 a copy of dimension 0, so that the running covariance is singular.</summary>
    public void MakeDuplicate(int bin)
    {
        Running[At(bin, 1, 0)] = Running[At(bin, 1, 1)] = Running[At(bin, 0, 0)];
        for (int i = 2; i < Math.Min(Shape.BlockSize, Shape.Dimensions); i++)
        {
            Running[At(bin, i, 1)] = Running[At(bin, i, 0)];
        }
    }

    /// <summary>Makes a covariance larger than its variances allow.</summary>
    public void MakeIndefinite(int bin) => Running[At(bin, 1, 0)] = 3 * (Running[At(bin, 0, 0)] + Running[At(bin, 1, 1)]);

    private int At(int bin, int i, int j) => (bin * Shape.Dimensions + i) * Shape.BlockSize + j % Shape.BlockSize;

    // M M^T / g + I/2 with normal M: condition numbers of about 10. Above the diagonal NaN: the upper triangle is not read.
    private float[] Covariances(int seed)
    {
        int g = Shape.BlockSize, d = Shape.Dimensions;
        float[] m = SampleNumbers.Normal(seed, Shape.Bins * d * g);
        var result = new float[m.Length];
        Array.Fill(result, float.NaN);
        for (int b = 0; b < Shape.Bins; b++)
        {
            for (int i = 0; i < d; i++)
            {
                for (int j = i / g * g; j <= i; j++)
                {
                    double sum = i == j ? 0.5 : 0;
                    for (int k = 0; k < g; k++)
                    {
                        sum += (double)m[(b * d + i) * g + k] * m[(b * d + j) * g + k] / g;
                    }

                    result[At(b, i, j)] = (float)sum;
                }
            }
        }

        return result;
    }
}
