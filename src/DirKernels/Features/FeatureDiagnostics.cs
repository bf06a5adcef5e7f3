using DirKernels.Metrics;

namespace DirKernels.Features;

/// <summary>What the statistics of feature distribution smoothing say about the features, each question one call.</summary>
/// <remarks>
/// Per-bin counts and the number of regularised bins are in <see cref="FeatureStatisticsReport"/>. Source of the questions: Yang et al., ICML 2021,
/// section 3.2 and its appendix.
/// </remarks>
public sealed class FeatureDiagnostics
{
    private readonly FeatureStatisticsState _state;
    private readonly int _dimensions;
    private readonly int _blockSize;

    /// <summary>Looks at captured statistics.</summary>
    /// <param name="state">Statistics of B bins.</param>
    /// <exception cref="ArgumentException">The arrays do not have the lengths of one B, D and g.</exception>
    public FeatureDiagnostics(FeatureStatisticsState state)
    {
        int bins = state.SamplesSeen.Length;
        _dimensions = bins == 0 ? 0 : state.RunningMeans.Length / bins;
        _blockSize = _dimensions == 0 ? 0 : state.RunningCovariances.Length / bins / _dimensions;
        if (_blockSize < 1 || (long)bins * _dimensions != state.RunningMeans.Length || (long)bins * _dimensions * _blockSize != state.RunningCovariances.Length)
        {
            throw new ArgumentException(
                $"statistics of {bins} bins have {state.RunningMeans.Length} means and {state.RunningCovariances.Length} covariances, which fit no dimensions");
        }

        _state = state;
    }

    /// <summary>Cosine similarity of each bin's running mean to that of an anchor bin: [B], NaN for a mean of length 0.</summary>
    public double[] MeanSimilarity(int anchor) => SimilarityToAnchor(_state.RunningMeans, anchor);

    /// <summary>Cosine similarity of each bin's running variances to those of an anchor bin: [B].</summary>
    public double[] VarianceSimilarity(int anchor) => SimilarityToAnchor(Variances(_state.RunningCovariances), anchor);

    /// <summary>Cosine similarity of the running means of all pairs of bins: [B x B].</summary>
    public double[] MeanSimilarities() => FeatureSimilarity.Between(_state.RunningMeans, _dimensions);

    /// <summary>Cosine similarity of the running variances of all pairs of bins: [B x B].</summary>
    public double[] VarianceSimilarities() => FeatureSimilarity.Between(Variances(_state.RunningCovariances), _dimensions);

    /// <summary>Mean absolute difference between running and smoothed means, and between running and smoothed variances, over bins and dimensions.</summary>
    public (double Means, double Variances) SmoothingDistance() => (
        FeatureSimilarity.MeanAbsoluteDistance(_state.RunningMeans, _state.SmoothedMeans),
        FeatureSimilarity.MeanAbsoluteDistance(Variances(_state.RunningCovariances), Variances(_state.SmoothedCovariances)));

    /// <summary>
    /// Condition number of each bin's running covariance: [B], the largest eigenvalue over the smallest of all its blocks; infinity when it is singular,
    /// as with fewer samples than dimensions or a dead dimension.
    /// </summary>
    public double[] ConditionNumbers()
    {
        int bins = _state.SamplesSeen.Length;
        var result = new double[bins];
        for (int b = 0; b < bins; b++)
        {
            double largest = 0, smallest = double.PositiveInfinity;
            for (int start = 0; start < _dimensions; start += _blockSize)
            {
                foreach (double eigenvalue in BlockEigenvalues(b, start))
                {
                    largest = Math.Max(largest, eigenvalue);
                    smallest = Math.Min(smallest, eigenvalue);
                }
            }

            // Single-precision statistics cannot tell a smaller share from zero.
            result[b] = smallest > largest * 1e-9 ? largest / smallest : double.PositiveInfinity;
        }

        return result;
    }

    private double[] BlockEigenvalues(int bin, int start)
    {
        int size = Math.Min(_blockSize, _dimensions - start);
        var block = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                block[i * size + j] = _state.RunningCovariances[((long)bin * _dimensions + start + i) * _blockSize + j];
            }
        }

        return SymmetricEigenvalues.Compute(block, size);
    }

    private double[] SimilarityToAnchor(float[] rows, int anchor)
    {
        var similarity = new double[_state.SamplesSeen.Length];
        FeatureSimilarity.ToAnchor(rows, _dimensions, anchor, similarity);
        return similarity;
    }

    private float[] Variances(float[] covariances)
    {
        var variances = new float[_state.RunningMeans.Length];
        for (int k = 0; k < variances.Length; k++)
        {
            variances[k] = covariances[(long)k * _blockSize + k % _dimensions % _blockSize];
        }

        return variances;
    }
}
