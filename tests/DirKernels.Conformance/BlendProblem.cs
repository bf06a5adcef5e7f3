using DirKernels.Backends;

namespace DirKernels.Conformance;

/// <summary>An epoch's rows, some merged and some waiting, and running statistics that they move.</summary>
public sealed class BlendProblem(BinShape shape, float[] waiting, int[] binsWaiting, float[] before, int[] binsBefore)
{
    public BinShape Shape => shape;

    /// <summary>[rows x D] rows that still wait.</summary>
    public float[] Waiting => waiting;

    public int[] BinsWaiting => binsWaiting;

    /// <summary>[rows x D] rows that were merged before.</summary>
    public float[] Before => before;

    public int[] BinsBefore => binsBefore;

    public float[] RunningMeans { get; private init; } = SampleNumbers.Normal(5, shape.Bins * shape.Dimensions, 1, 2);

    public float[] RunningCovariances { get; private init; } = SampleNumbers.Normal(6, shape.Bins * shape.CovarianceWidth, 0, 3);

    /// <summary>Both running statistics, means first.</summary>
    public float[] Running
    {
        init
        {
            RunningMeans = value[..(shape.Bins * shape.Dimensions)];
            RunningCovariances = [.. Enumerable.Repeat(value[^1], shape.Bins * shape.CovarianceWidth)];
        }
    }

    /// <summary>Share that every bin keeps; null for another one in each, 0 among them.</summary>
    public double? Keep { get; init; }

    public static BlendProblem Random(BinShape shape, int before, int waiting)
    {
        int[] empty = [0, 3];
        return new BlendProblem(
            shape,
            SampleNumbers.Normal(waiting, waiting * shape.Dimensions, 0.5, 2),
            SampleNumbers.Bins(1, waiting, shape.Bins, empty),
            SampleNumbers.Normal(before + 7, before * shape.Dimensions, -0.5, 1),
            SampleNumbers.Bins(2, before, shape.Bins, [.. empty, 4]));
    }

    /// <summary>Moments of all rows.</summary>
    public AccumulateMomentsReference Epoch() => new([.. before, .. waiting], [.. binsBefore, .. binsWaiting], shape);

    /// <summary>Divisors n - 1; bins without samples keep all they have.</summary>
    public BlendWeights Weights(long[] counts)
    {
        var weights = new BlendWeights(shape.Bins);
        for (int b = 0; b < shape.Bins; b++)
        {
            double keep = counts[b] == 0 ? 1 : Keep ?? b % 3 * 0.4;
            (weights.Keep[b], weights.Take[b], weights.TakeScatter[b]) = (keep, 1 - keep, (1 - keep) / Math.Max(1, counts[b] - 1));
        }

        return weights;
    }
}
