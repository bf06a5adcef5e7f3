using System.Numerics.Tensors;
using DirKernels.Backends;

namespace DirKernels.Features;

/// <summary>Whether numbers that came from elsewhere can be feature statistics: counts, finite means, and covariances that are positive semidefinite.</summary>
internal static class StatisticsValidity
{
    /// <summary>
    /// What rounding may take from the smallest eigenvalue of a correlation matrix, which is 0 for features that depend on each other. Statistics are sums in single
    /// precision: an element is off by some 2^-22, and D elements of a row together by D 2^-22, 5e-4 for D = 2048.
    /// </summary>
    private const double SmallestEigenvalue = -1e-3;

    /// <summary>Checks a state of the right sizes.</summary>
    /// <exception cref="InvalidDataException">A number cannot be; the message names the bin.</exception>
    public static void Check(FeatureStatisticsState state, BinShape shape)
    {
        for (int bin = 0; bin < shape.Bins; bin++)
        {
            if (state.SamplesSeen[bin] < 0 || state.LastCounts[bin] < 0 || state.LastCounts[bin] > state.SamplesSeen[bin])
            {
                throw new InvalidDataException($"bin {bin} of the feature statistics claims {state.LastCounts[bin]} samples of an epoch among {state.SamplesSeen[bin]} of all");
            }
        }

        var scratch = new double[(long)shape.BlockSize * shape.BlockSize];
        Check("running", state.RunningMeans, state.RunningCovariances, shape, scratch);
        Check("smoothed", state.SmoothedMeans, state.SmoothedCovariances, shape, scratch);
    }

    private static void Check(string kind, float[] means, float[] covariances, BinShape shape, double[] scratch)
    {
        for (int bin = 0; bin < shape.Bins; bin++)
        {
            ReadOnlySpan<float> mean = means.AsSpan(bin * shape.Dimensions, shape.Dimensions);
            ReadOnlySpan<float> covariance = covariances.AsSpan(bin * shape.CovarianceWidth, shape.CovarianceWidth);
            if (!TensorPrimitives.IsFiniteAll(mean))
            {
                throw new InvalidDataException($"the {kind} means of bin {bin} hold a number that is not finite");
            }

            for (int first = 0; first < shape.Dimensions; first += shape.BlockSize)
            {
                int width = Math.Min(shape.BlockSize, shape.Dimensions - first);
                if (!IsSemidefinite(covariance[(first * shape.BlockSize)..], shape.BlockSize, width, scratch))
                {
                    throw new InvalidDataException($"the {kind} covariance of bin {bin} is not positive semidefinite");
                }
            }
        }
    }

    /// <summary>
    /// Whether R - s I has a Cholesky factor, R the correlation matrix and s <see cref="SmallestEigenvalue"/>; a feature without variance must not covary.
    /// </summary>
    private static bool IsSemidefinite(ReadOnlySpan<float> covariance, int stride, int width, Span<double> factor)
    {
        Span<double> deviations = width <= 512 ? stackalloc double[width] : new double[width];
        for (int i = 0; i < width; i++)
        {
            ReadOnlySpan<float> row = covariance.Slice(i * stride, i + 1);
            if (!TensorPrimitives.IsFiniteAll(row) || row[i] < 0 || (row[i] == 0 && row.ContainsAnyExcept(0f)))
            {
                return false;
            }

            deviations[i] = Math.Sqrt(row[i]);
            Span<double> l = factor.Slice(i * width, i + 1);
            for (int j = 0; j < i; j++)
            {
                double correlation = row[j] == 0 ? 0 : row[j] / (deviations[i] * deviations[j]);
                ReadOnlySpan<double> other = factor.Slice(j * width, j + 1);
                l[j] = (correlation - TensorPrimitives.Dot(l[..j], other[..j])) / other[j];
            }

            double pivot = 1 - SmallestEigenvalue - TensorPrimitives.Dot(l[..i], l[..i]);
            if (!(pivot > 0))
            {
                return false;
            }

            l[i] = Math.Sqrt(pivot);
        }

        return true;
    }
}
