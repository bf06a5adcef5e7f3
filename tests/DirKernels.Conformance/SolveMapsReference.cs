using DirKernels.Backends;

namespace DirKernels.Conformance;

/// <summary>
/// The whitening and re-colouring map of one bin from the textbook: factors by the definition of Cholesky, then A = L~ L^-1 with an explicit inverse.
/// </summary>
public sealed class SolveMapsReference
{
    /// <summary>Ridges tried in turn, relative to the mean variance of the block.</summary>
    private static readonly double[] _ridges = [0, 1e-6, 1e-4, 1e-2];

    private readonly BinShape _shape;
    private readonly double[] _running;
    private readonly double[] _smoothed;

    /// <summary>Solves one bin; means are [D], covariances [D x g].</summary>
    public SolveMapsReference(
        MapOptions options, BinShape shape, int bin, ReadOnlySpan<float> runningMeans, ReadOnlySpan<float> running, ReadOnlySpan<float> smoothedMeans, ReadOnlySpan<float> smoothed)
    {
        _shape = shape;
        _running = ToDoubles(running);
        _smoothed = ToDoubles(smoothed);
        int d = shape.Dimensions;
        Map = new double[d * shape.BlockSize];
        Shift = new double[d];
        double total = Enumerable.Range(0, d).Sum(i => Variance(_running, i));
        if (options.Treatment.Span[bin] == MapTreatment.Identity || (!options.MeanOnly && total < 1e-10))
        {
            Outcome = MapOutcome.Identity;
            return;
        }

        for (int i = 0; i < d; i++)
        {
            Shift[i] = options.MeanOnly || Variance(_running, i) > 0 ? options.Strength * ((double)smoothedMeans[i] - runningMeans[i]) : 0;
        }

        Outcome = MapOutcome.Mapped;
        if (options.MeanOnly)
        {
            return;
        }

        if (shape.BlockSize == 1 || options.Treatment.Span[bin] == MapTreatment.Diagonal)
        {
            Outcome = shape.BlockSize == 1 ? MapOutcome.Mapped : MapOutcome.TooFewSamples;
            MapDiagonal(options);
            return;
        }

        double shrinkage = options.EstimateShrinkage ? EstimatedShrinkage(options.SampleCounts.Span[bin]) : options.Shrinkage;
        for (int start = 0; start < d; start += shape.BlockSize)
        {
            MapOutcome block = MapBlock(start, Math.Min(shape.BlockSize, d - start), shrinkage, options.Strength);
            Outcome = (MapOutcome)Math.Max((int)Outcome, (int)block);
        }

        if (Outcome == MapOutcome.NotPositiveDefinite)
        {
            Array.Clear(Map);
            MapDiagonal(options);
        }
    }

    public MapOutcome Outcome { get; }

    /// <summary>T = strength (A - I), [D x g].</summary>
    public double[] Map { get; }

    public double[] Shift { get; }

    /// <summary>Oracle approximating shrinkage towards the diagonal: s = min(1, (Q + P) / (n Q)).</summary>
    public double EstimatedShrinkage(long samples)
    {
        double q = 0, p = 0;
        for (int i = 0; i < _shape.Dimensions; i++)
        {
            for (int j = i / _shape.BlockSize * _shape.BlockSize; j < i; j++)
            {
                q += 2 * Math.Pow(_running[i * _shape.BlockSize + j % _shape.BlockSize], 2);
                p += 2 * Variance(_running, i) * Variance(_running, j);
            }
        }

        return q > 0 ? Math.Min(1, (q + p) / (samples * q)) : 1;
    }

    /// <summary>L with Sigma = L L^T; null where a pivot keeps no more than 1e-7 of its variance. Dead rows become rows of the identity.</summary>
    public static double[,]? Cholesky(double[,] sigma, bool[] dead)
    {
        int n = dead.Length;
        var l = new double[n, n];
        for (int j = 0; j < n; j++)
        {
            double pivot = sigma[j, j];
            for (int k = 0; k < j; k++)
            {
                pivot -= l[j, k] * l[j, k];
            }

            if (!dead[j] && !(pivot > 1e-7 * sigma[j, j]))
            {
                return null;
            }

            l[j, j] = dead[j] ? 1 : Math.Sqrt(pivot);
            for (int i = j + 1; i < n && !dead[j]; i++)
            {
                double sum = sigma[i, j];
                for (int k = 0; k < j; k++)
                {
                    sum -= l[i, k] * l[j, k];
                }

                l[i, j] = dead[i] ? 0 : sum / l[j, j];
            }
        }

        return l;
    }

    private static double[] ToDoubles(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), x => (double)x);

    private static double[,] Inverse(double[,] l)
    {
        int n = l.GetLength(0);
        var inverse = new double[n, n];
        for (int column = 0; column < n; column++)
        {
            for (int i = column; i < n; i++)
            {
                double sum = i == column ? 1 : 0;
                for (int k = column; k < i; k++)
                {
                    sum -= l[i, k] * inverse[k, column];
                }

                inverse[i, column] = sum / l[i, i];
            }
        }

        return inverse;
    }

    private double Variance(double[] covariance, int i) => covariance[i * _shape.BlockSize + i % _shape.BlockSize];

    private void MapDiagonal(MapOptions options)
    {
        for (int i = 0; i < _shape.Dimensions; i++)
        {
            double v = Variance(_running, i);
            if (v > 0)
            {
                double ratio = Math.Clamp(Variance(_smoothed, i) / v, options.ClipLower, options.ClipUpper);
                Map[i * _shape.BlockSize + i % _shape.BlockSize] = options.Strength * (Math.Sqrt(ratio) - 1);
            }
        }
    }

    private MapOutcome MapBlock(int start, int size, double shrinkage, double strength)
    {
        bool[] dead = [.. Enumerable.Range(start, size).Select(i => !(Variance(_running, i) > 0))];
        foreach (double ridge in _ridges)
        {
            double[,]? whiten = Cholesky(Block(_running, start, size, shrinkage, ridge), dead);
            double[,]? recolour = Cholesky(Block(_smoothed, start, size, shrinkage, ridge), dead);
            if (whiten is null || recolour is null)
            {
                continue;
            }

            double[,] inverse = Inverse(whiten);
            for (int i = 0; i < size; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    double a = 0;
                    for (int k = j; k <= i; k++)
                    {
                        a += recolour[i, k] * inverse[k, j];
                    }

                    Map[(start + i) * _shape.BlockSize + j] = strength * (a - (i == j ? 1 : 0));
                }
            }

            return ridge == 0 ? MapOutcome.Mapped : MapOutcome.Ridged;
        }

        return MapOutcome.NotPositiveDefinite;
    }

    private double[,] Block(double[] covariance, int start, int size, double shrinkage, double ridge)
    {
        var block = new double[size, size];
        double trace = Enumerable.Range(start, size).Sum(i => Variance(covariance, i));
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < i; j++)
            {
                block[i, j] = (1 - shrinkage) * covariance[(start + i) * _shape.BlockSize + j];
            }

            block[i, i] = Variance(covariance, start + i) + ridge * trace / size;
        }

        return block;
    }
}
